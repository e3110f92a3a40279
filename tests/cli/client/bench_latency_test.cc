#include "cli/bench_latency.h"

#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

using std::chrono::nanoseconds;

std::vector<Duration> Down(int from) {
  std::vector<Duration> latencies;
  for (int i = from; i > 0; --i) latencies.emplace_back(i);
  return latencies;
}

TEST(LatencySummaryTest, IsTheSmallestThatSoManyDoNotExceed) {
  const LatencySummary summary = Summarize(Down(1000));
  EXPECT_EQ(summary.p50, nanoseconds(500));
  EXPECT_EQ(summary.p90, nanoseconds(900));
  EXPECT_EQ(summary.p99, nanoseconds(990));
  EXPECT_EQ(summary.max, nanoseconds(1000));
}

TEST(LatencySummaryTest, IsAlwaysOneThatWasMeasured) {
  const LatencySummary three = Summarize(Down(3));
  EXPECT_EQ(three.p50, nanoseconds(2));
  EXPECT_EQ(three.p90, nanoseconds(3));
  const LatencySummary hundred_and_one = Summarize(Down(101));
  EXPECT_EQ(hundred_and_one.p50, nanoseconds(51));
  EXPECT_EQ(hundred_and_one.p99, nanoseconds(100));
  const LatencySummary one = Summarize(Down(1));
  EXPECT_EQ(one.p50, nanoseconds(1));
  EXPECT_EQ(one.p99, nanoseconds(1));
}

TEST(LatencySummaryTest, IsZeroOfNone) {
  EXPECT_EQ(Summarize({}).max, nanoseconds(0));
}

}  // namespace
}  // namespace weir
