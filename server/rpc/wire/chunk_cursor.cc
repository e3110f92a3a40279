#include "server/rpc/wire/chunk_cursor.h"

#include <algorithm>

#include "sync/check.h"

namespace weir {

ChunkCursor::ChunkCursor(absl::Span<const Chunk> chunks) : chunks_(chunks) {
  for (const Chunk& chunk : chunks) remaining_ += chunk.size;
}

std::optional<uint64_t> ChunkCursor::ReadVarint(int bytes_max) {
  uint64_t value = 0;
  for (int i = 0; i < bytes_max; ++i) {
    const std::optional<uint8_t> byte = ReadByte();
    if (!byte.has_value()) return std::nullopt;
    value |= static_cast<uint64_t>(*byte & 0x7F) << (7 * i);
    if (*byte < 0x80) return value;
  }
  return std::nullopt;
}

std::optional<uint32_t> ChunkCursor::ReadFixed32() {
  if (remaining_ < sizeof(uint32_t)) return std::nullopt;
  uint32_t value = 0;
  for (unsigned shift = 0; shift < 32; shift += 8) {
    value |= static_cast<uint32_t>(*ReadByte()) << shift;
  }
  return value;
}

bool ChunkCursor::Skip(size_t size) {
  if (size > remaining_) return false;
  Take(size);
  return true;
}

ChunkCursor ChunkCursor::Take(size_t size) {
  WEIR_CHECK(size <= remaining_, "what is taken is there");
  ChunkCursor taken = *this;
  taken.remaining_ = size;
  while (size > 0) size -= NextRun(size).size;
  return taken;
}

Tensor::Chunks ChunkCursor::Views() const {
  ChunkCursor cursor = *this;
  Tensor::Chunks views;
  while (cursor.remaining_ > 0) {
    views.push_back(cursor.NextRun(cursor.remaining_));
  }
  if (views.empty()) views.push_back({nullptr, 0});
  return views;
}

void ChunkCursor::AppendTo(std::string& text) const {
  ChunkCursor cursor = *this;
  while (cursor.remaining_ > 0) {
    const Chunk run = cursor.NextRun(cursor.remaining_);
    text.append(static_cast<const char*>(run.data), run.size);
  }
}

std::optional<uint8_t> ChunkCursor::ReadByte() {
  if (remaining_ == 0) return std::nullopt;
  return *static_cast<const uint8_t*>(NextRun(1).data);
}

Chunk ChunkCursor::NextRun(size_t size) {
  while (offset_ == chunks_[index_].size) {
    ++index_;
    offset_ = 0;
  }
  const Chunk& chunk = chunks_[index_];
  const Chunk run = {static_cast<const std::byte*>(chunk.data) + offset_,
                     std::min(size, chunk.size - offset_)};
  offset_ += run.size;
  remaining_ -= run.size;
  return run;
}

}  // namespace weir
