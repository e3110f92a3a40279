#include "server/telemetry/prometheus_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "sync/thread.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

constexpr char kModelM[] = "model=\"m\"";

PrometheusMetrics::Options SomeOptions() {
  return {.refusals = {"", "invalid", "draining"},
          .build = {{"version", "1.2.3"}}};
}

// The text from the first family of that name on, up to the next family.
std::string FamilyIn(const std::string& text, const std::string& name) {
  const size_t start = text.find("# HELP " + name + " ");
  if (start == std::string::npos) return "no " + name;
  const size_t end = text.find("# HELP ", start + 1);
  return text.substr(start, end == std::string::npos ? end : end - start);
}

TelemetrySnapshot TwoSlots() {
  TelemetrySnapshot snapshot;
  snapshot.devices.push_back(
      {.name = "cpu",
       .slots = {{.stream = "permit 0",
                  .leased = true,
                  .leases = 7,
                  .failures = 1,
                  .rows = 56,
                  .busy = milliseconds(1500)},
                 {.stream = "permit 1", .in_service = false}},
       .num_waiters = 3,
       .memory_bytes = {{"allocated", 4096}}});
  snapshot.models.push_back({.name = "m",
                             .versions = {{.version = 2, .state = "ready"}},
                             .queue_requests = 5,
                             .queue_bytes = 1024,
                             .queue_limit_requests = 512,
                             .queue_limit_bytes = 4096,
                             .estimated_wait = milliseconds(80),
                             .serialized = {{"cpu", milliseconds(250)}}});
  snapshot.ready = true;
  snapshot.lost_answers = 2;
  return snapshot;
}

std::string TextOf(const TelemetrySnapshot& snapshot) {
  return PrometheusMetrics(SomeOptions()).Text(snapshot);
}

TEST(PrometheusMetricsTest, ShowsEachSlotOfTheSnapshot) {
  const std::string text = TextOf(TwoSlots());
  EXPECT_EQ(FamilyIn(text, "weir_slot_leases_total"),
            "# HELP weir_slot_leases_total Leases of the slot that ran "
            "something.\n"
            "# TYPE weir_slot_leases_total counter\n"
            "weir_slot_leases_total{device=\"cpu\",slot=\"0\"} 7\n"
            "weir_slot_leases_total{device=\"cpu\",slot=\"1\"} 0\n");
  EXPECT_THAT(
      text,
      AllOf(
          HasSubstr(
              "\nweir_slot_info{device=\"cpu\",slot=\"1\",stream=\"permit "
              "1\"} 1\n"),
          HasSubstr("\nweir_slot_leased{device=\"cpu\",slot=\"0\"} 1\n"),
          HasSubstr("\nweir_slot_leased{device=\"cpu\",slot=\"1\"} 0\n"),
          HasSubstr("\nweir_slot_rows_total{device=\"cpu\",slot=\"0\"} 56\n"),
          HasSubstr(
              "\nweir_slot_failures_total{device=\"cpu\",slot=\"0\"} 1\n"),
          HasSubstr("\nweir_slot_busy_seconds_total{device=\"cpu\",slot=\"0\"} "
                    "1.5\n")));
}

TEST(PrometheusMetricsTest, ShowsEachDeviceOfTheSnapshot) {
  EXPECT_THAT(
      TextOf(TwoSlots()),
      AllOf(HasSubstr("\nweir_slots{device=\"cpu\",state=\"in_service\"} 1\n"),
            HasSubstr("\nweir_slots{device=\"cpu\",state=\"retired\"} 1\n"),
            HasSubstr("\nweir_slot_waiters{device=\"cpu\"} 3\n"),
            HasSubstr("\nweir_device_memory_bytes{device=\"cpu\",kind="
                      "\"allocated\"} 4096\n"),
            HasSubstr("\nweir_device_serialized_seconds_total{device=\"cpu\","
                      "model=\"m\"} 0.25\n")));
}

TEST(PrometheusMetricsTest, ShowsTheQueueOfEachModel) {
  EXPECT_THAT(
      TextOf(TwoSlots()),
      AllOf(HasSubstr("\nweir_queue_requests{model=\"m\"} 5\n"),
            HasSubstr("\nweir_queue_bytes{model=\"m\"} 1024\n"),
            HasSubstr("\nweir_queue_limit_requests{model=\"m\"} 512\n"),
            HasSubstr("\nweir_queue_limit_bytes{model=\"m\"} 4096\n"),
            HasSubstr("\nweir_estimated_wait_seconds{model=\"m\"} 0.08\n")));
}

TEST(PrometheusMetricsTest, ShowsEveryStateOfAVersionAndTheOneItIsIn) {
  const std::string start = "weir_model_state{model=\"m\",version=\"2\",state=";
  EXPECT_EQ(FamilyIn(TextOf(TwoSlots()), "weir_model_state"),
            "# HELP weir_model_state 1 for the state that a version is in.\n"
            "# TYPE weir_model_state gauge\n" +
                start + "\"loading\"} 0\n" + start + "\"warming_up\"} 0\n" +
                start + "\"ready\"} 1\n" + start + "\"draining\"} 0\n" + start +
                "\"failed\"} 0\n" + start + "\"unloaded\"} 0\n");
}

TEST(PrometheusMetricsTest, ShowsTheDaemonAndItsProcess) {
  EXPECT_THAT(
      TextOf(TwoSlots()),
      AllOf(HasSubstr("\nweir_ready 1\n"), HasSubstr("\nweir_draining 0\n"),
            HasSubstr("\nweir_inflight_bytes 0\n"),
            HasSubstr("\nweir_insecure_remote 0\n"),
            HasSubstr("\nweir_internal_faults_total 2\n"),
            HasSubstr("\nweir_build_info{version=\"1.2.3\"} 1\n"),
            HasSubstr("\nprocess_resident_memory_bytes "),
            HasSubstr("\nprocess_cpu_seconds_total ")));
}

TEST(PrometheusMetricsTest, MeasuresWhatAVersionObserves) {
  PrometheusMetrics metrics(SomeOptions());
  const auto series = metrics.MakeVersionSeries("m", 3);
  series->batch_rows->Observe(8);
  series->run_seconds->Observe(0.002);
  CountRequest(*series, absl::StatusCode::kOk);
  series->refused[2]->Increment();
  EXPECT_THAT(
      metrics.Text({}),
      AllOf(HasSubstr("\nweir_batch_rows_sum{model=\"m\"} 8\n"),
            HasSubstr("\nweir_stage_duration_seconds_bucket{model=\"m\",stage="
                      "\"run\",le=\"0.0025\"} 1\n"),
            HasSubstr("\nweir_requests_total{code=\"OK\",model=\"m\",version="
                      "\"3\"} 1\n"),
            HasSubstr("\nweir_requests_refused_total{model=\"m\",reason="
                      "\"draining\"} 1\n")));
}

TEST(PrometheusMetricsTest, HasBucketsFromAHundredMicrosecondsToThirtySeconds) {
  PrometheusMetrics metrics(SomeOptions());
  const auto series = metrics.MakeVersionSeries("m", 1);
  std::string bounds;
  for (const auto line : absl::StrSplit(metrics.Text({}), '\n')) {
    const std::vector<std::string> parts = absl::StrSplit(
        line, "weir_request_duration_seconds_bucket{model=\"m\",le=");
    if (parts.size() == 2) bounds += parts[1];
  }
  EXPECT_EQ(bounds,
            "\"0.0001\"} 0\"0.00025\"} 0\"0.0005\"} 0\"0.001\"} 0\"0.0025\"} 0"
            "\"0.005\"} 0\"0.01\"} 0\"0.025\"} 0\"0.05\"} 0\"0.1\"} 0\"0.25\"} "
            "0\"0.5\"} 0\"1\"} 0\"2.5\"} 0\"5\"} 0\"10\"} 0\"30\"} 0\"+Inf\"} "
            "0");
}

TEST(PrometheusMetricsTest, ForgetsAVersionsSeriesWithIt) {
  PrometheusMetrics metrics(SomeOptions());
  const std::string before = metrics.Text({});
  auto series = metrics.MakeVersionSeries("m", 1);
  EXPECT_THAT(metrics.Text({}), HasSubstr(kModelM));
  series.reset();
  EXPECT_THAT(metrics.Text({}), Not(HasSubstr(kModelM)));
  EXPECT_THAT(before, Not(HasSubstr(kModelM)));
}

TEST(PrometheusMetricsTest, KeepsAModelsSeriesAsLongAsOneOfItsVersions) {
  PrometheusMetrics metrics(SomeOptions());
  auto old_version = metrics.MakeVersionSeries("m", 1);
  const auto new_version = metrics.MakeVersionSeries("m", 2);
  old_version->batch_rows->Observe(2);
  new_version->batch_rows->Observe(3);
  old_version.reset();
  EXPECT_THAT(metrics.Text({}),
              AllOf(HasSubstr("\nweir_batch_rows_sum{model=\"m\"} 5\n"),
                    Not(HasSubstr("version=\"1\""))));
}

TEST(PrometheusMetricsTest, CountsUnknownModelsTogether) {
  PrometheusMetrics metrics(SomeOptions());
  CountRequest(*metrics.process().unknown_model, absl::StatusCode::kNotFound);
  metrics.process().unknown_model->refused[1]->Increment();
  EXPECT_THAT(metrics.Text({}),
              AllOf(HasSubstr("\nweir_requests_total{code=\"NOT_FOUND\",model="
                              "\"\",version=\"\"} 1\n"),
                    HasSubstr("\nweir_requests_refused_total{model=\"\","
                              "reason=\"invalid\"} 1\n")));
}

TEST(PrometheusMetricsTest, CountsACodeThatGrpcHasNotAsUnknown) {
  PrometheusMetrics metrics(SomeOptions());
  CountRequest(*metrics.process().unknown_model,
               static_cast<absl::StatusCode>(99));
  EXPECT_THAT(metrics.Text({}),
              HasSubstr("\nweir_requests_total{code=\"UNKNOWN\",model="
                        "\"\",version=\"\"} 1\n"));
}

TEST(PrometheusMetricsTest, CountsWhatNoModelOwns) {
  PrometheusMetrics metrics(SomeOptions());
  metrics.process().cancelled_queued->Increment();
  metrics.process().internal_faults->Increment();
  EXPECT_THAT(
      metrics.Text(TwoSlots()),
      AllOf(HasSubstr("\nweir_requests_cancelled_total{where=\"queue\"} 1\n"),
            HasSubstr("\nweir_requests_cancelled_total{where=\"run\"} 0\n"),
            HasSubstr("\nweir_internal_faults_total 3\n")));
}

TEST(PrometheusMetricsTest, TellsASnapshotWhatItCounted) {
  PrometheusMetrics metrics(SomeOptions());
  const auto first = metrics.MakeVersionSeries("m", 1);
  const auto second = metrics.MakeVersionSeries("m", 2);
  CountRequest(*first, absl::StatusCode::kOk);
  CountRequest(*second, absl::StatusCode::kInternal);
  CountRequest(*second, absl::StatusCode::kUnavailable);
  second->refused[2]->Increment();
  metrics.process().unknown_model->refused[2]->Increment();
  TelemetrySnapshot snapshot = TwoSlots();
  snapshot.models.push_back({.name = "without any"});
  metrics.AddCounts(snapshot);
  metrics.AddCounts(snapshot);
  EXPECT_EQ(snapshot.models[0].requests, 3U);
  EXPECT_EQ(snapshot.models[0].errors, 2U);
  EXPECT_EQ(snapshot.models[1].requests, 0U);
  EXPECT_THAT(snapshot.refused,
              ElementsAre(Pair("invalid", 0), Pair("draining", 2)));
}

TEST(PrometheusMetricsTest, HasNoSeriesForARefusalWithoutAName) {
  PrometheusMetrics metrics(SomeOptions());
  metrics.process().unknown_model->refused[0]->Increment();
  EXPECT_THAT(metrics.Text({}), Not(HasSubstr("reason=\"\"")));
}

TEST(PrometheusMetricsTest, IsReadWhileVersionsComeAndGo) {
  PrometheusMetrics metrics(SomeOptions());
  Thread loader("loader", [&metrics] {
    for (int version = 1; version <= 50; ++version) {
      const auto series = metrics.MakeVersionSeries("m", version);
      series->run_seconds->Observe(0.1);
    }
  });
  for (int scrape = 0; scrape < 20; ++scrape) {
    EXPECT_THAT(metrics.Text({}), HasSubstr("\nweir_ready 0\n"));
  }
  loader.Join();
  EXPECT_THAT(metrics.Text({}), Not(HasSubstr(kModelM)));
}

}  // namespace
}  // namespace weir
