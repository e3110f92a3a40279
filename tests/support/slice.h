// Slice: a short time in which threads do nothing but run, and what they got
// done. Slices of two contenders in turn, in one process, see the same machine.
//
//   const Slice slice = RunSlice(8, milliseconds(300), [&](int thread) {
//     return [&runner = *runners[thread]] { runner.Run(false); };
//   });
//   slice.runs_per_second;
//
// Thread-safety: any thread.
// Ownership: none.
// Failure: none.
#ifndef WEIR_TESTS_SUPPORT_SLICE_H_
#define WEIR_TESTS_SUPPORT_SLICE_H_

#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <vector>

#include "sync/clock.h"
#include "sync/thread.h"

namespace weir {

struct Slice {
  double runs_per_second = 0;
  double cpu_seconds_per_run = 0;  // of the threads that run
};

// Of the calling thread.
inline double CpuSeconds() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) +
         1e-9 * static_cast<double>(time.tv_nsec);
}

// `make(thread)` gives what that thread runs, made on it.
template <typename Make>
Slice RunSlice(int num_threads, Duration length, const Make& make) {
  constexpr int kNumWarmUps = 3;
  struct Share {
    int64_t runs = 0;
    double seconds = 0;
    double cpu_seconds = 0;
  };
  std::vector<Share> shares(static_cast<size_t>(num_threads));
  std::latch start(num_threads);
  {
    const RealClock clock;
    std::vector<Thread> threads;
    for (int self = 0; self < num_threads; ++self) {
      threads.emplace_back("runner", [&, self] {
        auto run = make(self);
        for (int i = 0; i < kNumWarmUps; ++i) run();
        start.arrive_and_wait();
        Share share;
        const double cpu_before = CpuSeconds();
        const TimePoint begin = clock.Now();
        TimePoint now = begin;
        while (now - begin < length) {
          run();
          ++share.runs;
          now = clock.Now();
        }
        share.seconds = ToSeconds(now - begin);
        share.cpu_seconds = CpuSeconds() - cpu_before;
        shares[static_cast<size_t>(self)] = share;
      });
    }
  }
  Slice slice;
  int64_t runs = 0;
  for (const Share& share : shares) {
    slice.runs_per_second += static_cast<double>(share.runs) / share.seconds;
    slice.cpu_seconds_per_run += share.cpu_seconds;
    runs += share.runs;
  }
  slice.cpu_seconds_per_run /= static_cast<double>(runs);
  return slice;
}

inline double Median(std::vector<double> values) {
  const auto middle =
      values.begin() + static_cast<ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_SLICE_H_
