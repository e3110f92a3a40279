// MemoryGrowth: whether memory grows with something that is done again and
// again.
//
//   MemoryGrowth growth;
//   for (int cycle = 0; cycle < 200; ++cycle) {
//     ...
//     growth.Add(ResidentBytes());
//   }
//   EXPECT_LT(growth.BytesPerCycle(), 16 * kKibibyte);
//
// The first fifth is left out: libraries fill their caches. Of the rest, the
// median of the last third is compared with that of the first, so that neither
// one large sample nor the place of the last one decides.
//
// Thread-safety: one thread.
// Ownership: owns its samples.
// Failure: dies of fewer than 15 samples.
#ifndef WEIR_TESTS_TORCH_MEMORY_GROWTH_H_
#define WEIR_TESTS_TORCH_MEMORY_GROWTH_H_

#ifdef __APPLE__
#include <mach/mach.h>
#else
#include <unistd.h>
#endif

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <numeric>
#include <vector>

#include "sync/check.h"
#include "tests/support/slice.h"

namespace weir {

// Of this process (VmRSS).
inline int64_t ResidentBytes() {
#ifdef __APPLE__
  mach_task_basic_info info = {};
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  const kern_return_t result =
      task_info(mach_task_self(), MACH_TASK_BASIC_INFO,
                reinterpret_cast<task_info_t>(&info), &count);
  WEIR_CHECK(result == KERN_SUCCESS, "a process may look at itself");
  return static_cast<int64_t>(info.resident_size);
#else
  std::ifstream file("/proc/self/statm");
  int64_t size_pages = 0;
  int64_t resident_pages = 0;
  file >> size_pages >> resident_pages;
  return resident_pages * sysconf(_SC_PAGESIZE);
#endif
}

class MemoryGrowth {
 public:
  void Add(int64_t bytes) { samples_.push_back(static_cast<double>(bytes)); }

  double BytesPerCycle() const {
    WEIR_CHECK(samples_.size() >= 15, "growth shows over many cycles");
    const size_t begin = samples_.size() / 5;
    const size_t third = (samples_.size() - begin) / 3;
    const double first = MedianOf(begin, begin + third);
    const double last = MedianOf(samples_.size() - third, samples_.size());
    // From the middle of one third to the middle of the other.
    const auto cycles = static_cast<double>(samples_.size() - third - begin);
    return (last - first) / cycles;
  }

  // The statistic of the gates: how far the second half rises above its mean,
  // without its 5 % of extremes.
  double SecondHalfRise() const {
    std::vector<double> half(
        samples_.begin() + static_cast<ptrdiff_t>(samples_.size() / 2),
        samples_.end());
    std::sort(half.begin(), half.end());
    const auto trim = static_cast<ptrdiff_t>(half.size() / 40);
    const std::vector<double> kept(half.begin() + trim, half.end() - trim);
    const double sum = std::accumulate(kept.begin(), kept.end(), 0.0);
    return kept.back() - sum / static_cast<double>(kept.size());
  }

 private:
  double MedianOf(size_t begin, size_t end) const {
    return Median({samples_.begin() + static_cast<ptrdiff_t>(begin),
                   samples_.begin() + static_cast<ptrdiff_t>(end)});
  }

  std::vector<double> samples_;
};

}  // namespace weir

#endif  // WEIR_TESTS_TORCH_MEMORY_GROWTH_H_
