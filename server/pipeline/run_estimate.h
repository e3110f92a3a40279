// RunEstimate: how long a run of so many rows is expected to take, learnt from
// the runs before it.
//
//   estimate.Learn(/*rows=*/8, seconds);
//   double expected = estimate.Seconds(/*rows=*/6);   // the bucket of 5..8
//
// A moving average for each power of two of rows. A size never seen is expected
// to take what the nearest smaller one took, else the nearest larger one; 0
// until the first run.
//
// Thread-safety: none; the scheduler's mutex guards it.
// Ownership: a value of fixed size.
// Failure: none.
#ifndef WEIR_SERVER_PIPELINE_RUN_ESTIMATE_H_
#define WEIR_SERVER_PIPELINE_RUN_ESTIMATE_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace weir {

class RunEstimate {
 public:
  void Learn(int64_t rows, double seconds) {
    double& average = seconds_[Bucket(rows)];
    average = average < 0 ? seconds : average + kGain * (seconds - average);
  }

  double Seconds(int64_t rows) const {
    const size_t bucket = Bucket(rows);
    for (size_t i = bucket + 1; i-- > 0;) {
      if (seconds_[i] >= 0) return seconds_[i];
    }
    for (size_t i = bucket + 1; i < kBuckets; ++i) {
      if (seconds_[i] >= 0) return seconds_[i];
    }
    return 0;
  }

 private:
  static constexpr size_t kBuckets = 18;  // up to 2^17 rows, and all above
  static constexpr double kGain = 0.2;    // a change is learnt in ~10 runs

  static size_t Bucket(int64_t rows) {
    const auto count = static_cast<uint64_t>(std::max<int64_t>(rows, 1));
    return std::min<size_t>(std::bit_width(count - 1), kBuckets - 1);
  }
  static constexpr std::array<double, kBuckets> Unknown() {
    std::array<double, kBuckets> none{};
    none.fill(-1);
    return none;
  }

  std::array<double, kBuckets> seconds_ = Unknown();
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_RUN_ESTIMATE_H_
