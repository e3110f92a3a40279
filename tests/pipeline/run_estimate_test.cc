#include "server/pipeline/run_estimate.h"

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(RunEstimateTest, ExpectsNothingBeforeTheFirstRun) {
  EXPECT_EQ(RunEstimate().Seconds(8), 0);
}

TEST(RunEstimateTest, ExpectsWhatTheFirstRunTook) {
  RunEstimate estimate;
  estimate.Learn(8, 0.5);
  EXPECT_EQ(estimate.Seconds(8), 0.5);
}

TEST(RunEstimateTest, MovesAFifthOfTheWayWithEachRun) {
  RunEstimate estimate;
  estimate.Learn(1, 1.0);
  estimate.Learn(1, 2.0);
  EXPECT_DOUBLE_EQ(estimate.Seconds(1), 1.2);
}

TEST(RunEstimateTest, KeepsABucketForEachPowerOfTwo) {
  RunEstimate estimate;
  estimate.Learn(4, 1.0);
  estimate.Learn(5, 2.0);
  EXPECT_EQ(estimate.Seconds(3), 1.0);
  EXPECT_EQ(estimate.Seconds(8), 2.0);
}

TEST(RunEstimateTest, TakesTheNearestSmallerSizeWhenOneIsUnknown) {
  RunEstimate estimate;
  estimate.Learn(1, 1.0);
  estimate.Learn(4, 4.0);
  estimate.Learn(64, 64.0);
  EXPECT_EQ(estimate.Seconds(32), 4.0);
}

TEST(RunEstimateTest, TakesTheNearestLargerSizeWhenNoneIsSmaller) {
  RunEstimate estimate;
  estimate.Learn(64, 64.0);
  estimate.Learn(128, 128.0);
  EXPECT_EQ(estimate.Seconds(2), 64.0);
}

TEST(RunEstimateTest, BearsSizesBeyondItsBuckets) {
  RunEstimate estimate;
  estimate.Learn(int64_t{1} << 40, 9.0);
  estimate.Learn(0, 1.0);
  EXPECT_EQ(estimate.Seconds(int64_t{1} << 50), 9.0);
  EXPECT_EQ(estimate.Seconds(1), 1.0);
}

}  // namespace
}  // namespace weir
