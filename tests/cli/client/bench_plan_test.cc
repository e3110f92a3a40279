#include "cli/bench_plan.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Problem(const BenchArguments& arguments) {
  return std::string(PlanBench(arguments).status().message());
}

TEST(BenchPlanTest, TakesDefaultsForWhatIsNotSaid) {
  const absl::StatusOr<BenchPlan> plan = PlanBench({.infer = {.model = "m"}});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(plan->concurrency, ElementsAre(1, 4, 16));
  EXPECT_EQ(plan->time, std::chrono::seconds(5));
  EXPECT_EQ(plan->warm_up, std::chrono::seconds(1));
  EXPECT_EQ(plan->requests, std::nullopt);
  EXPECT_EQ(plan->metrics, "localhost:8002");
}

TEST(BenchPlanTest, KnowsWhereTheMetricsOfAServerOnThisMachineAre) {
  for (const char* here :
       {"localhost:9", "127.0.0.1:9", "[::1]:9", "unix:/run/weir.sock"}) {
    EXPECT_EQ(PlanBench({.infer = {.address = here}})->metrics,
              "localhost:8002");
  }
  const BenchArguments there{.infer = {.address = "example.org:9"}};
  EXPECT_EQ(PlanBench(there)->metrics, std::nullopt);
  EXPECT_EQ(
      PlanBench({.infer = there.infer, .metrics = "example.org:1"})->metrics,
      "example.org:1");
}

TEST(BenchPlanTest, RefusesWhatIsOutOfBounds) {
  for (const char* levels : {"", "0", "1,", "a", "1025", "1 4",
                             "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"}) {
    EXPECT_THAT(Problem({.concurrency = levels}),
                HasSubstr("allowed: up to 16 numbers such as 1,4,16"))
        << levels;
  }
  EXPECT_THAT(Problem({.time = "5"}), HasSubstr("--time: "));
  EXPECT_THAT(Problem({.time = "11min"}), HasSubstr("--time: "));
  EXPECT_THAT(Problem({.requests = "0"}), HasSubstr("--requests: "));
  EXPECT_THAT(Problem({.requests = "10000001"}), HasSubstr("--requests: "));
  EXPECT_THAT(Problem({.warm_up = "2min"}), HasSubstr("--warm-up: "));
  EXPECT_THAT(Problem({.metrics = "nowhere"}), HasSubstr("--metrics: "));
  EXPECT_THAT(Problem({.time = "1s", .requests = "1"}),
              HasSubstr("one of the two"));
}

}  // namespace
}  // namespace weir
