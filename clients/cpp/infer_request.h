// InferRequest and InferResult: what is asked of a model, and its answer.
//
//   InferRequest request{.model = "mlp", .outputs = {"y"}};
//   request.inputs.push_back(TensorOf<float>("x", {1, 256}, x));
//   request.parameters["temperature"] = 0.5;
//
// Thread-safety: values.
// Ownership: values.
// Failure: none.
#ifndef WEIR_CLIENTS_CPP_INFER_REQUEST_H_
#define WEIR_CLIENTS_CPP_INFER_REQUEST_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "clients/cpp/tensor.h"

namespace weir {

using InferParameter =
    std::variant<bool, int64_t, uint64_t, double, std::string>;

struct InferRequest {
  std::string model = {};
  // Empty: the newest that is ready.
  std::string version = {};
  // Comes back as the result's id.
  std::string id = {};
  std::vector<InferTensor> inputs = {};
  // The outputs wanted, in that order; none for all.
  std::vector<std::string> outputs = {};
  // 1 is the highest, 0 the model's own.
  uint64_t priority = 0;
  // What else the server knows; it refuses what it does not.
  std::map<std::string, InferParameter> parameters = {};
  // How long the call may take; the client's own if it is not set.
  std::optional<std::chrono::nanoseconds> timeout = {};
};

struct InferResult {
  std::string model = {};
  // The version that answered.
  std::string version = {};
  std::string id = {};
  // In the order asked for. Each is whole: CheckTensor takes it.
  std::vector<InferTensor> outputs = {};

  // The output of that name; null where there is none.
  const InferTensor* Find(absl::string_view name) const {
    for (const InferTensor& output : outputs) {
      if (output.name == name) return &output;
    }
    return nullptr;
  }
};

}  // namespace weir

#endif  // WEIR_CLIENTS_CPP_INFER_REQUEST_H_
