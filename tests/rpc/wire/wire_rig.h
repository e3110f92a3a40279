// What a client sends and what a server made of it, for the tests of the wire.
//
//   inference::ModelInferRequest request = RequestFor("x", "FP32", {2});
//   request.add_raw_input_contents("12345678");
//   absl::StatusOr<InferCall> call = Decoded(request);
#ifndef WEIR_TESTS_RPC_WIRE_WIRE_RIG_H_
#define WEIR_TESTS_RPC_WIRE_WIRE_RIG_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/tensor.h"
#include "config/config.h"
#include "gtest/gtest.h"
#include "inference/grpc_service.pb.h"
#include "server/rpc/wire/infer_call.h"

namespace weir {

inline inference::ModelInferRequest RequestFor(
    const std::string& name, const std::string& datatype,
    const std::vector<int64_t>& shape) {
  inference::ModelInferRequest request;
  request.set_model_name("m");
  inference::ModelInferRequest::InferInputTensor& input = *request.add_inputs();
  input.set_name(name);
  input.set_datatype(datatype);
  for (const int64_t dimension : shape) input.add_shape(dimension);
  return request;
}

// The bytes cut in two at `cut`, each part in memory of its own and with an
// empty chunk between, so that AddressSanitizer sees a read past either.
inline absl::StatusOr<InferCall> DecodedBytes(
    std::string_view bytes, size_t cut = std::string_view::npos,
    const LimitsConfig& limits = {}) {
  cut = std::min(cut, bytes.size());
  auto parts =
      std::make_shared<std::pair<std::vector<char>, std::vector<char>>>(
          std::vector<char>(bytes.begin(), bytes.begin() + cut),
          std::vector<char>(bytes.begin() + cut, bytes.end()));
  const std::vector<Chunk> chunks = {
      {parts->first.data(), cut},
      {nullptr, 0},
      {parts->second.data(), bytes.size() - cut}};
  return DecodeInferCall(chunks, parts, limits);
}

inline absl::StatusOr<InferCall> Decoded(
    const inference::ModelInferRequest& request,
    const LimitsConfig& limits = {}) {
  return DecodedBytes(request.SerializeAsString(), std::string_view::npos,
                      limits);
}

inline std::string BytesOf(const Tensor& tensor) {
  std::string bytes(static_cast<size_t>(tensor.size_bytes()), '\0');
  tensor.CopyTo(reinterpret_cast<std::byte*>(bytes.data()));
  return bytes;
}

// A raw BYTES tensor's data.
inline std::string Framing(const std::vector<std::string>& elements) {
  std::string bytes;
  for (const std::string& element : elements) {
    const auto size = static_cast<uint32_t>(element.size());
    bytes.append(reinterpret_cast<const char*>(&size), sizeof(size));
    bytes += element;
  }
  return bytes;
}

// The sentence of a refusal, which is the client's fault in all cases.
inline std::string Why(const absl::StatusOr<InferCall>& call) {
  EXPECT_EQ(call.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(call.status().message());
}

}  // namespace weir

#endif  // WEIR_TESTS_RPC_WIRE_WIRE_RIG_H_
