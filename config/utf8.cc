#include "config/utf8.h"

#include <cstdint>

namespace weir {
namespace {

constexpr uint32_t kCodePointMax = 0x10FFFF;
// The smallest code point that needs so many bytes.
constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};

uint8_t ByteAt(absl::string_view bytes, size_t index) {
  return static_cast<uint8_t>(bytes[index]);
}

bool IsTextCharacter(absl::string_view bytes) {
  const uint8_t byte = ByteAt(bytes, 0);
  if (byte == '\t' || byte == '\n') return true;
  if (byte == '\r') return bytes.size() > 1 && bytes[1] == '\n';
  return byte >= 0x20 && byte != 0x7F;
}

// The length that the first byte announces, 0 for a byte that cannot be first.
size_t AnnouncedLength(uint8_t first) {
  if (first < 0x80) return 1;
  if (first < 0xC0) return 0;
  if (first < 0xE0) return 2;
  if (first < 0xF0) return 3;
  return first < 0xF8 ? 4 : 0;
}

// The length of the first character of `bytes`, which are not empty; 0 where
// it is not text.
size_t CharacterLength(absl::string_view bytes) {
  const uint8_t first = ByteAt(bytes, 0);
  const size_t length = AnnouncedLength(first);
  if (length == 1) return IsTextCharacter(bytes) ? 1 : 0;
  if (length == 0 || length > bytes.size()) return 0;
  uint32_t code_point = first & (0x7FU >> length);
  for (size_t i = 1; i < length; ++i) {
    const uint8_t next = ByteAt(bytes, i);
    if ((next & 0xC0) != 0x80) return 0;
    code_point = (code_point << 6) | (next & 0x3FU);
  }
  const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
  const bool is_valid = code_point >= kSmallest[length] &&
                        code_point <= kCodePointMax && !is_surrogate;
  return is_valid ? length : 0;
}

}  // namespace

size_t CountText(absl::string_view bytes) {
  size_t count = 0;
  while (count < bytes.size()) {
    const size_t length = CharacterLength(bytes.substr(count));
    if (length == 0) break;
    count += length;
  }
  return count;
}

}  // namespace weir
