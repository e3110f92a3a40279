// A ModelInfer's messages, out of an InferRequest and into an InferResult.
//
//   absl::StatusOr<inference::ModelInferRequest> message =
//       MessageOf(std::move(request));
//   return ResultOf(std::move(response));
//
// The library's own: users see client.h.
//
// Thread-safety: pure functions.
// Ownership: tensors' bytes are moved, not copied.
// Failure: MessageOf is INVALID_ARGUMENT for tensors that are not whole;
// ResultOf is INTERNAL for an answer that breaks the protocol.
#ifndef WEIR_CLIENTS_CPP_INFER_MESSAGE_H_
#define WEIR_CLIENTS_CPP_INFER_MESSAGE_H_

#include "absl/status/statusor.h"
#include "clients/cpp/infer_request.h"
#include "inference/grpc_service.pb.h"

namespace weir {

absl::StatusOr<inference::ModelInferRequest> MessageOf(InferRequest request);

absl::StatusOr<InferResult> ResultOf(inference::ModelInferResponse response);

}  // namespace weir

#endif  // WEIR_CLIENTS_CPP_INFER_MESSAGE_H_
