// ReceivedMessage: a client's message as gRPC has received it, inflated where
// it came compressed.
//
//   absl::StatusOr<std::shared_ptr<ReceivedMessage>> message =
//       ReceivedMessage::Read(bytes, limits.message_bytes_max);
//   DecodeInferCall((*message)->chunks(), *message, limits);
//
// gRPC is told to hand on what was compressed as it came, for it would inflate
// without a bound. Which way it was compressed is gRPC's own knowledge, taken
// from the call's headers and the message's flag: nothing is guessed from the
// bytes.
//
// Thread-safety: const access from any number of threads.
// Ownership: owns, or shares with gRPC, all its bytes.
// Failure: those of InflatedMessage; RESOURCE_EXHAUSTED also for a message that
// is too large as it came.
#ifndef WEIR_SERVER_RPC_RECEIVED_MESSAGE_H_
#define WEIR_SERVER_RPC_RECEIVED_MESSAGE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backend/tensor.h"
#include "grpcpp/support/byte_buffer.h"
#include "server/pipeline/byte_budget.h"
#include "server/rpc/wire/inflated_message.h"

namespace weir {

class ReceivedMessage final : public MessageHolder {
 public:
  static absl::StatusOr<std::shared_ptr<ReceivedMessage>> Read(
      const grpc::ByteBuffer& message, int64_t bytes_max);

  absl::Span<const Chunk> chunks() const {
    return inflated_.has_value() ? inflated_->chunks() : chunks_;
  }

  // Bytes that it keeps in memory beside those of chunks().
  int64_t bytes_beside() const;

 private:
  ReceivedMessage() = default;

  std::vector<grpc::Slice> slices_;
  std::vector<Chunk> chunks_;  // of the slices
  std::optional<InflatedMessage> inflated_;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_RECEIVED_MESSAGE_H_
