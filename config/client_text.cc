#include "config/client_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "config/utf8.h"

namespace weir {
namespace {

constexpr size_t kSequenceBytesMax = 4;
constexpr size_t kQuotedBytesMax = 64;

// The bytes of the character that `bytes` starts with; 0 for none to show: a
// control character, or no UTF-8.
size_t CountCharacter(absl::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  if (absl::ascii_iscntrl(first)) return 0;
  if (absl::ascii_isascii(first)) return 1;
  // U+0080 to U+009F: controls too, which some terminals obey.
  if (first == 0xC2 && bytes.size() > 1 &&
      static_cast<unsigned char>(bytes[1]) < 0xA0) {
    return 0;
  }
  const size_t longest = std::min(bytes.size(), kSequenceBytesMax);
  for (size_t size = 2; size <= longest; ++size) {
    if (CountText(bytes.substr(0, size)) == size) return size;
  }
  return 0;
}

std::string Escaped(char byte) {
  switch (byte) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return absl::StrCat(
          "\\x", absl::Hex(static_cast<unsigned char>(byte), absl::kZeroPad2));
  }
}

}  // namespace

std::string ClientText(absl::string_view bytes, size_t num_bytes_max) {
  std::string text;
  size_t next = 0;
  while (next < bytes.size()) {
    const size_t size = CountCharacter(bytes.substr(next));
    std::string shown(bytes.substr(next, size));
    if (size == 0) {
      shown = Escaped(bytes[next]);
    } else if (shown == "\\") {
      shown = "\\\\";
    }
    if (text.size() + shown.size() > num_bytes_max) return text + "...";
    text += shown;
    next += std::max<size_t>(size, 1);
  }
  return text;
}

std::string Quoted(std::string_view text) {
  const std::string shown =
      ClientText({text.data(), text.size()}, kQuotedBytesMax);
  return absl::StrCat("\"", absl::StrReplaceAll(shown, {{"\"", "\\\""}}), "\"");
}

}  // namespace weir
