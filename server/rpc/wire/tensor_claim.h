// TensorClaim: what an input says of itself, checked before its data is looked
// at and before memory is taken for it.
//
//   absl::StatusOr<TensorClaim> claim = ReadTensorClaim(input, limits);
//   if (!claim.ok()) return claim.status();
//   // input "x": expected at most 16 dimensions, got 17
//   if (size != claim->size_bytes) return claim->Refuse("expected ...");
//
// Thread-safety: a value.
// Ownership: borrows the name from the message.
// Failure: INVALID_ARGUMENT; a client's text in it is escaped and cut.
#ifndef WEIR_SERVER_RPC_WIRE_TENSOR_CLAIM_H_
#define WEIR_SERVER_RPC_WIRE_TENSOR_CLAIM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/tensor.h"
#include "config/config.h"
#include "inference/grpc_service.pb.h"

namespace weir {

// Bytes in the name of a model, of a version or of a tensor.
inline constexpr size_t kNameBytesMax = 256;

struct TensorClaim {
  // `input "x": ` and what is wrong.
  absl::Status Refuse(absl::string_view what) const;
  // FP32 [2,3]
  std::string Text() const;

  absl::string_view name;
  DataType type = DataType::kFp32;
  Shape shape;
  int64_t num_elements = 0;
  int64_t size_bytes = 0;  // 0 for BYTES
};

absl::StatusOr<TensorClaim> ReadTensorClaim(
    const inference::ModelInferRequest::InferInputTensor& input,
    const LimitsConfig& limits);

}  // namespace weir

#endif  // WEIR_SERVER_RPC_WIRE_TENSOR_CLAIM_H_
