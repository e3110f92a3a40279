// InflatedMessage: what a compressed message was before its sender compressed
// it.
//
//   absl::StatusOr<InflatedMessage> message =
//       InflatedMessage::Of(chunks, Compression::kGzip, bytes_max);
//   DecodeInferCall(message->chunks(), ...);
//
// A kilobyte on the wire may be a megabyte of zeros. Memory is taken as bytes
// come out, never by what a stream says of its size, and no more than one block
// above the bound is worked for.
//
// Thread-safety: a value.
// Ownership: owns its bytes; the compressed ones are needed by Of alone.
// Failure: RESOURCE_EXHAUSTED above the bound; INVALID_ARGUMENT for what is no
// such stream, ends early, or goes on after its end.
#ifndef WEIR_SERVER_RPC_WIRE_INFLATED_MESSAGE_H_
#define WEIR_SERVER_RPC_WIRE_INFLATED_MESSAGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backend/tensor.h"

namespace weir {

// As gRPC means the words: deflate is zlib's format.
enum class Compression { kGzip, kDeflate };

class InflatedMessage {
 public:
  // REQUIRES: bytes_max >= 0.
  static absl::StatusOr<InflatedMessage> Of(absl::Span<const Chunk> compressed,
                                            Compression compression,
                                            int64_t bytes_max);

  // None where the message is empty.
  absl::Span<const Chunk> chunks() const { return chunks_; }

  // Bytes of memory, which are some more than those of the message.
  int64_t bytes_held() const { return bytes_held_; }

 private:
  InflatedMessage() = default;

  // Takes memory, about as much again as there is, and gives its size.
  size_t AddBlock(int64_t size_max);

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::vector<Chunk> chunks_;  // what of each block is filled
  int64_t bytes_held_ = 0;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_WIRE_INFLATED_MESSAGE_H_
