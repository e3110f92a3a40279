// What a server tells of itself and of its models.
//
//   for (const TensorMetadata& input : metadata.inputs) Fill(input);
//
// Thread-safety: values.
// Ownership: values.
// Failure: none.
#ifndef WEIR_CLIENTS_CPP_METADATA_H_
#define WEIR_CLIENTS_CPP_METADATA_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weir {

struct ServerMetadata {
  std::string name = {};
  std::string version = {};
  std::vector<std::string> extensions = {};
};

// One input or output. A dimension of -1 is variable. A model that takes
// whatever comes shows "" and no shape.
struct TensorMetadata {
  std::string name = {};
  std::string datatype = {};
  std::vector<int64_t> shape = {};
};

// A model: its ready versions, its tensors, and what else the server tells.
struct ModelMetadata {
  std::string name = {};
  std::vector<std::string> versions = {};
  std::string platform = {};
  std::vector<TensorMetadata> inputs = {};
  std::vector<TensorMetadata> outputs = {};
  std::map<std::string, std::string> properties = {};
};

// How a model is served. Above 0 rows_max is how many rows a batch may have,
// and the metadata's shapes begin with the rows; at 0 it is not batched.
struct ServedModelConfig {
  std::string name = {};
  std::string platform = {};
  int32_t rows_max = 0;
};

}  // namespace weir

#endif  // WEIR_CLIENTS_CPP_METADATA_H_
