// What a scrape of the largest server costs.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/telemetry/prometheus_metrics.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr int kNumModels = 200;
constexpr int kNumSlots = 1024;
constexpr int kNumTries = 20;

// Of this thread, so that whatever else the machine does counts for nothing.
nanoseconds CpuTime() {
  timespec time = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

TEST(ScrapeTimeTest, TakesLessThanFiftyMillisecondsOfTheLargestServer) {
  PrometheusMetrics metrics({.refusals = {"", "a", "b", "c", "d", "e", "f", "g",
                                          "h", "i", "j", "k", "l"}});
  TelemetrySnapshot snapshot;
  snapshot.devices = {
      {.name = "cuda:0", .slots = std::vector<SlotSnapshot>(kNumSlots)}};
  std::vector<std::unique_ptr<VersionSeries>> series;
  for (int i = 0; i < kNumModels; ++i) {
    const std::string name = absl::StrCat("model-", i);
    snapshot.models.push_back(
        {.name = name, .versions = {{.version = 1, .state = "ready"}}});
    series.push_back(metrics.MakeVersionSeries(name, 1));
  }
  nanoseconds best = nanoseconds::max();
  for (int i = 0; i < kNumTries; ++i) {
    const nanoseconds start = CpuTime();
    EXPECT_GT(metrics.Text(snapshot).size(), 1U << 20);
    best = std::min(best, CpuTime() - start);
  }
  EXPECT_LT(best, milliseconds(50));
  RecordProperty("best_us", static_cast<int>(best / nanoseconds(1000)));
}

}  // namespace
}  // namespace weir
