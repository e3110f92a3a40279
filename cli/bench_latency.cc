#include "cli/bench_latency.h"

#include <algorithm>
#include <cstddef>

namespace weir {
namespace {

// Whole numbers, so that no rank is rounded the wrong way.
Duration AtPercent(const std::vector<Duration>& sorted, size_t percent) {
  const size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[rank - 1];
}

}  // namespace

LatencySummary Summarize(std::vector<Duration> latencies) {
  if (latencies.empty()) return {};
  std::sort(latencies.begin(), latencies.end());
  return {.p50 = AtPercent(latencies, 50),
          .p90 = AtPercent(latencies, 90),
          .p99 = AtPercent(latencies, 99),
          .max = latencies.back()};
}

}  // namespace weir
