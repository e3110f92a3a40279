// Requests as clients write them.
//
//   rig.stub->ModelInfer(&context, RequestOf("m", {1, 2}), &response);
//
// Thread-safety: functions of their arguments.
// Ownership: none.
// Failure: none.
#ifndef WEIR_TESTS_RPC_INFER_REQUEST_H_
#define WEIR_TESTS_RPC_INFER_REQUEST_H_

#include <cstring>
#include <string>
#include <vector>

#include "inference/grpc_service.pb.h"

namespace weir {

inline std::string BytesOf(const std::vector<float>& values) {
  std::string bytes(values.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// The input "x", FP32 [1, n], raw.
inline inference::ModelInferRequest RequestOf(
    const std::string& model, const std::vector<float>& values) {
  inference::ModelInferRequest request;
  request.set_model_name(model);
  inference::ModelInferRequest::InferInputTensor& input = *request.add_inputs();
  input.set_name("x");
  input.set_datatype("FP32");
  input.add_shape(1);
  input.add_shape(static_cast<int64_t>(values.size()));
  request.add_raw_input_contents(BytesOf(values));
  return request;
}

}  // namespace weir

#endif  // WEIR_TESTS_RPC_INFER_REQUEST_H_
