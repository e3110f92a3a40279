// InferAnswer: the outputs of a run, on their way to the bytes of a
// ModelInferResponse.
//
//   absl::StatusOr<std::vector<WirePiece>> pieces =
//       EncodeInferAnswer({"unet", "3", call.id, outputs, call.outputs});
//   for (const WirePiece& piece : *pieces) Send(piece.bytes, piece.owner);
//
// The pieces in their order are the message. A large output is its own piece:
// the tensor's memory, not a copy. The answer is always raw.
//
// Thread-safety: a pure function; pieces are values.
// Ownership: each piece shares the owner of its bytes. An answer borrows.
// Failure: INVALID_ARGUMENT for a requested output that there is none of;
// INTERNAL where the outputs are more than a message can hold.
#ifndef WEIR_SERVER_RPC_WIRE_INFER_ANSWER_H_
#define WEIR_SERVER_RPC_WIRE_INFER_ANSWER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "backend/tensor.h"

namespace weir {

// An output of at most as many bytes is copied: a piece of its own costs an
// allocation, two counts of its owner and an entry in the system call, and a
// copy of a kibibyte less than that.
inline constexpr int64_t kCopiedBytesMax = 1024;

struct InferAnswer {
  absl::string_view model_name;
  absl::string_view model_version;
  absl::string_view id;
  // In memory that the host can read.
  absl::Span<const NamedTensor> outputs;
  // Those wanted, in the order wanted and none twice; none for all.
  absl::Span<const std::string> requested;
};

struct WirePiece {
  Chunk bytes;
  std::shared_ptr<const void> owner;
};

absl::StatusOr<std::vector<WirePiece>> EncodeInferAnswer(
    const InferAnswer& answer);

}  // namespace weir

#endif  // WEIR_SERVER_RPC_WIRE_INFER_ANSWER_H_
