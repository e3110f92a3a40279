#include "config/json_text.h"

#include "absl/strings/str_cat.h"

namespace weir {

std::string JsonText(absl::string_view text) {
  std::string json = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      json.append({'\\', letter});
    } else if (byte < 0x20) {
      absl::StrAppend(&json, "\\u", absl::Hex(byte, absl::kZeroPad4));
    } else {
      json.push_back(letter);
    }
  }
  return json + "\"";
}

}  // namespace weir
