#include "cli/bench_text.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

BenchReport Report() {
  return {.model = "m",
          .address = "localhost:8001",
          .levels = {{.concurrency = 4,
                      .elapsed = seconds(2),
                      .latency = {.p50 = microseconds(100),
                                  .p90 = microseconds(200),
                                  .p99 = microseconds(300),
                                  .max = microseconds(1500)},
                      .counts = {{absl::StatusCode::kOk, 3000}},
                      .server_cpu_seconds = 0.06,
                      .client_cpu_seconds = 1}}};
}

TEST(BenchTextTest, ShowsALineForEachLevel) {
  EXPECT_EQ(
      BenchText(Report()),
      "m at localhost:8001\n"
      "at once  OK    errors  OK per s  p50      p90      p99      max    "
      "  server CPU\n"
      "4        3000  0       1500.0    0.10 ms  0.20 ms  0.30 ms  1.50 "
      "ms  20.0 us\n");
}

TEST(BenchTextTest, ShowsEachKindOfErrorOnce) {
  BenchReport report = Report();
  report.levels[0].counts[absl::StatusCode::kResourceExhausted] = 7;
  report.levels[0].messages[absl::StatusCode::kResourceExhausted] = "full";
  EXPECT_THAT(BenchText(report),
              HasSubstr("4 at once: 7 times RESOURCE_EXHAUSTED: full\n"));
}

TEST(BenchTextTest, SaysWhenTheClientIsBusy) {
  BenchReport report = Report();
  EXPECT_THAT(BenchText(report), Not(HasSubstr("this client")));
  report.levels[0].client_cpu_seconds = 2;
  EXPECT_THAT(BenchText(report),
              HasSubstr("4 at once: this client used 1.0 cores; it may be what "
                        "limits\n"));
}

TEST(BenchTextTest, SaysWhatIsLeftOut) {
  BenchReport report = Report();
  report.levels[0].server_cpu_seconds.reset();
  report.no_server_cpu = "why";
  report.is_interrupted = true;
  EXPECT_THAT(BenchText(report),
              AllOf(HasSubstr("1.50 ms  -\n"),
                    HasSubstr("per request is left out: why\n"),
                    HasSubstr("interrupted: ")));
}

TEST(BenchTextTest, TellsAllInOneObject) {
  BenchReport report = Report();
  report.levels[0].counts[absl::StatusCode::kUnavailable] = 1000;
  EXPECT_EQ(
      BenchJson(report),
      "{\"model\": \"m\", \"address\": \"localhost:8001\", \"levels\": "
      "[{\"concurrency\": 4, \"seconds\": 2.000000, \"requests\": 4000, "
      "\"codes\": {\"OK\": 3000, \"UNAVAILABLE\": 1000}, \"per_second\": "
      "1500.000, \"p50_ms\": 0.100000, \"p90_ms\": 0.200000, \"p99_ms\": "
      "0.300000, \"max_ms\": 1.500000, \"server_cpu_us_per_request\": 15.000, "
      "\"client_cores\": 0.500}], \"no_server_cpu\": \"\", \"interrupted\": "
      "false}\n");
}

TEST(BenchTextTest, BearsALevelOfNothing) {
  BenchReport report = Report();
  report.levels[0] = {.concurrency = 1, .server_cpu_seconds = 0};
  EXPECT_THAT(BenchText(report), HasSubstr("0.00 ms  -\n"));
  EXPECT_THAT(BenchJson(report), HasSubstr("\"per_second\": 0.000"));
}

}  // namespace
}  // namespace weir
