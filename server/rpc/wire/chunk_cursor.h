// ChunkCursor: a place in a message that lies in several chunks, and the bytes
// from there to an end.
//
//   ChunkCursor cursor(message);
//   std::optional<uint64_t> size = cursor.ReadVarint(5);
//   if (!size.has_value() || *size > cursor.remaining()) return kMalformed;
//   ChunkCursor payload = cursor.Take(*size);
//
// Thread-safety: a value.
// Ownership: borrows the list of chunks and their bytes.
// Failure: a read past the end gives nothing and says so; nothing is read
// beyond a chunk, whatever the bytes claim.
#ifndef WEIR_SERVER_RPC_WIRE_CHUNK_CURSOR_H_
#define WEIR_SERVER_RPC_WIRE_CHUNK_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/types/span.h"
#include "backend/tensor.h"

namespace weir {

class ChunkCursor {
 public:
  ChunkCursor() = default;
  // At the first byte of all chunks.
  explicit ChunkCursor(absl::Span<const Chunk> chunks);

  size_t remaining() const { return remaining_; }

  // A base-128 number of at most so many bytes; bits past 64 fall away.
  std::optional<uint64_t> ReadVarint(int bytes_max);

  // Four bytes, little-endian.
  std::optional<uint32_t> ReadFixed32();

  // Goes past so many bytes; false where there are fewer.
  bool Skip(size_t size);

  // Goes past so many bytes and gives them. REQUIRES: size <= remaining().
  ChunkCursor Take(size_t size);

  // The bytes that remain, where they lie: at least one chunk, perhaps empty.
  Tensor::Chunks Views() const;

  void AppendTo(std::string& text) const;

 private:
  std::optional<uint8_t> ReadByte();
  // The bytes of this chunk from here on, at most `size`, and goes past them.
  // REQUIRES: 0 < size <= remaining().
  Chunk NextRun(size_t size);

  absl::Span<const Chunk> chunks_;
  size_t index_ = 0;   // of the chunk
  size_t offset_ = 0;  // within it
  size_t remaining_ = 0;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_WIRE_CHUNK_CURSOR_H_
