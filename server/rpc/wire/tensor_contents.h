// A tensor out of the data that a request carries for it, in either of the two
// ways: raw bytes, which stay where they are, or numbers in the one field of
// InferTensorContents that is of the datatype, which are copied.
//
//   absl::StatusOr<Tensor> tensor = TensorOfRaw(*claim, raw[0], owner);
//
// A BYTES tensor's bytes are those of the wire in both: for each element four
// bytes of length, little-endian, and then as many bytes.
//
// Thread-safety: pure functions.
// Ownership: a raw tensor shares the owner; the other owns its memory.
// Failure: INVALID_ARGUMENT where the data is not what the claim says; memory
// is taken only for as many elements as have arrived.
#ifndef WEIR_SERVER_RPC_WIRE_TENSOR_CONTENTS_H_
#define WEIR_SERVER_RPC_WIRE_TENSOR_CONTENTS_H_

#include <memory>

#include "absl/status/statusor.h"
#include "backend/tensor.h"
#include "inference/grpc_service.pb.h"
#include "server/rpc/wire/tensor_claim.h"

namespace weir {

absl::StatusOr<Tensor> TensorOfRaw(const TensorClaim& claim,
                                   Tensor::Chunks bytes,
                                   std::shared_ptr<const void> owner);

absl::StatusOr<Tensor> TensorOfContents(
    const TensorClaim& claim, const inference::InferTensorContents& contents);

// Whether there is any element in it.
bool HasElements(const inference::InferTensorContents& contents);

}  // namespace weir

#endif  // WEIR_SERVER_RPC_WIRE_TENSOR_CONTENTS_H_
