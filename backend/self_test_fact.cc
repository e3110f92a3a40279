#include "backend/self_test_fact.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "config/config.h"
#include "config/status_macros.h"

namespace weir {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 19> kKindNames = {
    "opening", "library",  "scripted", "device",  "probing",
    "found",   "probed",   "warning",  "loading", "alone",
    "tested",  "untested", "together", "round",   "clean",
    "wrong",   "freeing",  "error",    "end"};

// Two of them, each byte as three, and the rest of a line stay in the bound.
constexpr size_t kNameBytesMax = 256;
constexpr size_t kTextBytesMax = 1024;
static_assert(3 * (kNameBytesMax + kTextBytesMax) + 64 < kSelfTestLineBytesMax);

constexpr std::string_view kDigits = "0123456789abcdef";

std::string Encode(std::string_view value) {
  std::string encoded;
  for (const char letter : value) {
    const auto byte = static_cast<unsigned char>(letter);
    if (absl::ascii_isalnum(byte) ||
        std::string_view("-_.:/,").find(letter) != std::string_view::npos) {
      encoded.push_back(letter);
      continue;
    }
    encoded.append({'%', kDigits[byte >> 4U], kDigits[byte & 15U]});
  }
  return encoded;
}

std::optional<std::string> Decode(std::string_view encoded) {
  std::string value;
  for (size_t i = 0; i < encoded.size(); ++i) {
    if (encoded[i] != '%') {
      value.push_back(encoded[i]);
      continue;
    }
    if (encoded.size() - i < 3) return std::nullopt;
    const size_t high = kDigits.find(encoded[i + 1]);
    const size_t low = kDigits.find(encoded[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return std::nullopt;
    }
    value.push_back(static_cast<char>(high << 4U | low));
    i += 2;
  }
  return value;
}

absl::Status NotALine(std::string_view line) {
  return absl::InvalidArgumentError(absl::StrCat(
      "not a line of a self-test: ", PrintableText(line, /*bytes_max=*/80)));
}

bool ParseSlots(std::string_view text, int& slots) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, slots);
  return error == std::errc() && stop == end && slots >= 1 &&
         slots <= kSlotsHardMax;
}

bool ParseKind(std::string_view name, SelfTestFactKind& kind) {
  const auto* const found =
      std::find(kKindNames.begin(), kKindNames.end(), name);
  if (found == kKindNames.end()) return false;
  kind = static_cast<SelfTestFactKind>(found - kKindNames.begin());
  return true;
}

bool ParseWord(std::string_view key, std::string_view value,
               SelfTestFact& fact) {
  if (key == "slots") return ParseSlots(value, fact.slots);
  const std::optional<std::string> decoded = Decode(value);
  if (!decoded.has_value()) return false;
  if (key == "name") fact.name = PrintableText(*decoded, kNameBytesMax);
  if (key == "text") fact.text = PrintableText(*decoded, kTextBytesMax);
  return key == "name" || key == "text";
}

}  // namespace

std::string ToLine(const SelfTestFact& fact) {
  std::string line = absl::StrCat(
      "fact=", std::string(kKindNames[static_cast<size_t>(fact.kind)]));
  if (fact.slots != 0) absl::StrAppend(&line, " slots=", fact.slots);
  if (!fact.name.empty()) {
    absl::StrAppend(
        &line,
        " name=", Encode(std::string_view(fact.name).substr(0, kNameBytesMax)));
  }
  if (!fact.text.empty()) {
    absl::StrAppend(
        &line,
        " text=", Encode(std::string_view(fact.text).substr(0, kTextBytesMax)));
  }
  return line;
}

absl::StatusOr<SelfTestFact> ParseSelfTestLine(std::string_view line) {
  if (line.size() > kSelfTestLineBytesMax) return NotALine(line);
  SelfTestFact fact;
  bool is_first = true;
  std::string_view rest = line;
  // Each turn takes a word, so a line's length bounds them.
  while (is_first || !rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos) return NotALine(line);
    const std::string_view key = word.substr(0, equals);
    const std::string_view value = word.substr(equals + 1);
    const bool known = is_first ? key == "fact" && ParseKind(value, fact.kind)
                                : ParseWord(key, value, fact);
    if (!known) return NotALine(line);
    is_first = false;
  }
  return fact;
}

std::string PrintableText(std::string_view text, size_t bytes_max) {
  std::string printable(text.substr(0, bytes_max));
  for (char& letter : printable) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte > 0x7e) letter = '?';
  }
  return printable;
}

}  // namespace weir
