// ModelSignature: what a model takes and gives.
//
//   absl::StatusOr<std::vector<TensorSpec>> inputs =
//       DeclaredSpecs(source.config.inputs);
//
// Thread-safety: values.
// Ownership: owns all it holds.
// Failure: DeclaredSpecs gives INVALID_ARGUMENT for a datatype that there is
// not; a configuration that was loaded from a file names none such.
#ifndef WEIR_BACKEND_SIGNATURE_H_
#define WEIR_BACKEND_SIGNATURE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "backend/tensor.h"
#include "config/model_config.h"

namespace weir {

// One input or output as declared; -1 in a shape is any length.
struct TensorSpec {
  std::string name;
  DataType type = DataType::kFp32;
  Shape shape;
  // Integer inputs: the lowest and highest value that the model can take.
  std::optional<ValueRange> values;
};

struct ModelSignature {
  // Empty inputs: any datatype and shape is accepted, and nothing is batched.
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  // Keeps state between runs: a failed batch is not run again.
  bool stateful = false;
  // The most runs at once that the model itself can bear; 0 = any number.
  int runs_max = 0;
};

// The tensors that a model.yaml declares.
inline absl::StatusOr<std::vector<TensorSpec>> DeclaredSpecs(
    const std::vector<TensorConfig>& tensors) {
  std::vector<TensorSpec> specs;
  specs.reserve(tensors.size());
  for (const TensorConfig& tensor : tensors) {
    const std::optional<DataType> type = ParseDataType(tensor.datatype);
    if (!type.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("unknown datatype: ", tensor.datatype));
    }
    specs.push_back({tensor.name, *type,
                     Shape(tensor.shape.begin(), tensor.shape.end()),
                     tensor.values});
  }
  return specs;
}

}  // namespace weir

#endif  // WEIR_BACKEND_SIGNATURE_H_
