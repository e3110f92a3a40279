#include "config/nearest_name.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace weir {
namespace {

constexpr size_t kNameBytesMax = 64;

// Rows of the usual table, of which the last three are kept. REQUIRES: both
// at most kNameBytesMax long.
size_t EditDistance(absl::string_view left, absl::string_view right) {
  using Row = std::array<size_t, kNameBytesMax + 1>;
  Row before_last{}, last{}, current{};
  for (size_t j = 0; j <= right.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= left.size(); ++i) {
    current[0] = i;
    for (size_t j = 1; j <= right.size(); ++j) {
      const size_t change = left[i - 1] == right[j - 1] ? 0 : 1;
      current[j] =
          std::min({last[j] + 1, current[j - 1] + 1, last[j - 1] + change});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] &&
          left[i - 2] == right[j - 1]) {
        current[j] = std::min(current[j], before_last[j - 2] + 1);
      }
    }
    before_last = last;
    last = current;
  }
  return last[right.size()];
}

}  // namespace

absl::string_view NearestName(absl::string_view meant,
                              const std::vector<absl::string_view>& names) {
  absl::string_view nearest;
  if (meant.size() > kNameBytesMax) return nearest;
  size_t nearest_distance = kNameBytesMax;
  for (absl::string_view name : names) {
    if (name.size() > kNameBytesMax) continue;
    const size_t distance = EditDistance(meant, name);
    if (distance > std::max<size_t>(1, name.size() / 3)) continue;
    if (distance >= nearest_distance) continue;
    nearest = name;
    nearest_distance = distance;
  }
  return nearest;
}

}  // namespace weir
