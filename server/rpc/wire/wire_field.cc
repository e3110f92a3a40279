#include "server/rpc/wire/wire_field.h"

#include <cstddef>

namespace weir {
namespace {

// What protobuf reads of a tag or a length, and of a number.
constexpr int kTagBytesMax = 5;
constexpr int kVarintBytesMax = 10;

}  // namespace

std::optional<WireField> WireFieldReader::Next() {
  if (is_malformed_ || cursor_.remaining() == 0) return std::nullopt;
  const ChunkCursor start = cursor_;
  WireField field;
  if (!Read(field)) {
    is_malformed_ = true;
    return std::nullopt;
  }
  field.whole =
      ChunkCursor(start).Take(start.remaining() - cursor_.remaining());
  return field;
}

bool WireFieldReader::Read(WireField& field) {
  if (!ReadPart(field) || field.type == WireType::kGroupEnd) return false;
  // A count is enough, and needs no stack that a client could make deep.
  size_t num_open = field.type == WireType::kGroup ? 1 : 0;
  while (num_open > 0) {
    WireField part;
    if (!ReadPart(part)) return false;
    if (part.type == WireType::kGroup) ++num_open;
    if (part.type == WireType::kGroupEnd) --num_open;
  }
  return true;
}

bool WireFieldReader::ReadPart(WireField& part) {
  const std::optional<uint64_t> tag = cursor_.ReadVarint(kTagBytesMax);
  if (!tag.has_value()) return false;
  part.number = static_cast<uint32_t>(*tag) >> 3;
  part.type = static_cast<WireType>(*tag & 7);
  if (part.number == 0) return false;
  switch (part.type) {
    case WireType::kVarint:
      return cursor_.ReadVarint(kVarintBytesMax).has_value();
    case WireType::kFixed64:
      return cursor_.Skip(8);
    case WireType::kFixed32:
      return cursor_.Skip(4);
    case WireType::kBytes: {
      const std::optional<uint64_t> size = cursor_.ReadVarint(kTagBytesMax);
      if (!size.has_value() || *size > cursor_.remaining()) return false;
      part.payload = cursor_.Take(*size);
      return true;
    }
    case WireType::kGroup:
    case WireType::kGroupEnd:
      return true;
  }
  return false;
}

}  // namespace weir
