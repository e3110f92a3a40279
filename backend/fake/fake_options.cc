#include "backend/fake/fake_options.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "config/config.h"

namespace weir {
namespace {

bool ParseCount(std::string_view text, int min, int& target) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return false;
  if (value < min || value > kSlotsHardMax) return false;
  target = value;
  return true;
}

bool ParseProbeEnd(std::string_view text, FakeProbeEnd& target) {
  static constexpr std::array<std::string_view, 4> kNames = {
      "repeats", "throws", "blocks", "aborts"};
  const auto* const found = std::find(kNames.begin(), kNames.end(), text);
  if (found == kNames.end()) return false;
  target = static_cast<FakeProbeEnd>(found - kNames.begin());
  return true;
}

bool ParsePart(std::string_view part, FakeDeviceOptions& options) {
  const size_t equals = part.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view name = part.substr(0, equals);
  const std::string_view value = part.substr(equals + 1);
  if (name == "num_streams") return ParseCount(value, 0, options.num_streams);
  if (name == "probe_end") return ParseProbeEnd(value, options.probe_end);
  if (name == "slots_default") {
    return ParseCount(value, 1, options.slots_default);
  }
  return false;
}

}  // namespace

absl::StatusOr<FakeBackend::Options> ParseFakeOptions(std::string_view text) {
  FakeDeviceOptions device;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    if (!ParsePart(part, device)) {
      return absl::InvalidArgumentError(absl::StrCat(
          kFakeOptionsVariable, ": wrong part: ", std::string(part)));
    }
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  FakeBackend::Options options;
  for (FakeDeviceOptions& known : options.devices) {
    const std::string name = known.name;
    known = device;
    known.name = name;
  }
  return options;
}

}  // namespace weir
