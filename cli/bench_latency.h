// LatencySummary: what many latencies come to.
//
//   const LatencySummary summary = Summarize(std::move(latencies));
//   summary.p99;   // 99 of 100 were answered by then
//
// Of all latencies, none left out. A percentile is the smallest one that so
// many of them do not exceed (nearest rank): it was measured, not interpolated.
//
// Thread-safety: pure functions.
// Ownership: values.
// Failure: none; of no latencies all is zero.
#ifndef WEIR_CLI_BENCH_LATENCY_H_
#define WEIR_CLI_BENCH_LATENCY_H_

#include <vector>

#include "sync/clock.h"

namespace weir {

struct LatencySummary {
  Duration p50{0};
  Duration p90{0};
  Duration p99{0};
  Duration max{0};
};

LatencySummary Summarize(std::vector<Duration> latencies);

}  // namespace weir

#endif  // WEIR_CLI_BENCH_LATENCY_H_
