#include "server/telemetry/shown_number.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"

namespace weir {
namespace {

constexpr int64_t kMinute = 60;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;

// With a digit after the point below ten.
std::string WithUnit(double value, absl::string_view unit) {
  return value < 9.95 ? absl::StrFormat("%.1f %s", value, unit)
                      : absl::StrFormat("%.0f %s", value, unit);
}

}  // namespace

std::string ShownCount(uint64_t count) {
  std::string text = absl::StrCat(count);
  for (size_t end = text.size(); end > 3;) {
    end -= 3;
    text.insert(end, 1, ',');
  }
  return text;
}

std::string ShownDuration(Duration duration) {
  const double seconds = std::max(ToSeconds(duration), 0.0);
  if (seconds == 0) return "0 s";
  if (seconds < 0.9995) return WithUnit(seconds * 1000, "ms");
  if (seconds < 59.5) return WithUnit(seconds, "s");
  const int64_t whole = std::llround(seconds);
  if (whole < kHour) {
    return absl::StrCat(whole / kMinute, " min ", whole % kMinute, " s");
  }
  if (whole < kDay) {
    return absl::StrCat(whole / kHour, " h ", whole % kHour / kMinute, " min");
  }
  return absl::StrCat(whole / kDay, " d ", whole % kDay / kHour, " h");
}

std::string ShownBytes(int64_t bytes) {
  constexpr std::array<absl::string_view, 5> kUnits = {"KiB", "MiB", "GiB",
                                                       "TiB", "PiB"};
  if (bytes < 1024) return absl::StrCat(std::max<int64_t>(bytes, 0), " B");
  double value = static_cast<double>(bytes) / 1024;
  size_t unit = 0;
  while (value >= 1023.5 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  return WithUnit(value, kUnits[unit]);
}

}  // namespace weir
