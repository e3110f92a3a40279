#include "server/telemetry/prometheus_metrics.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <sstream>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/telemetry/process_stats.h"
#include "server/telemetry/shared_family.h"
#include "server/telemetry/snapshot_families.h"
#include "sync/check.h"

namespace weir {
namespace {

using prometheus::Labels;
using Buckets = prometheus::Histogram::BucketBoundaries;

// From 100 us, which a small run takes, to 30 s, which nobody waits longer for.
const Buckets& SecondsBuckets() {
  static const auto* const buckets = new Buckets{
      0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
      0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30};
  return *buckets;
}

const Buckets& RowsBuckets() {
  static const auto* const buckets =
      new Buckets{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};
  return *buckets;
}

class SharedHistogram final : public Histogram {
 public:
  SharedHistogram(SharedFamily<prometheus::Histogram>& family,
                  const Labels& labels, const Buckets& buckets)
      : series_(family, labels, buckets) {}
  void Observe(double value) override { series_->Observe(value); }

 private:
  SharedSeries<prometheus::Histogram> series_;
};

class SharedCounter final : public Counter {
 public:
  SharedCounter(SharedFamily<prometheus::Counter>& family, const Labels& labels)
      : series_(family, labels) {}
  void Increment() override { series_->Increment(); }

 private:
  SharedSeries<prometheus::Counter> series_;
};

// A number that the snapshot's families show.
class PlainCounter final : public Counter {
 public:
  // A counter alone: nothing is published through it.
  void Increment() override { count_.fetch_add(1, std::memory_order_relaxed); }
  uint64_t Read() const { return count_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> count_ = 0;
};

// What was counted, by the value of one label.
using Counts = std::map<std::string, uint64_t>;

// Adds up a family's series, but those that have the label `skipped`.
Counts CountBy(const std::string& label,
               const SharedFamily<prometheus::Counter>& family,
               const prometheus::ClientMetric::Label& skipped = {}) {
  Counts counts;
  for (const prometheus::MetricFamily& collected : family.Collect()) {
    for (const prometheus::ClientMetric& metric : collected.metric) {
      const auto& labels = metric.label;
      if (std::find(labels.begin(), labels.end(), skipped) != labels.end()) {
        continue;
      }
      const auto key =
          std::find_if(labels.begin(), labels.end(),
                       [&label](const auto& one) { return one.name == label; });
      if (key == labels.end()) continue;
      counts[key->value] += static_cast<uint64_t>(metric.counter.value);
    }
  }
  return counts;
}

}  // namespace

struct PrometheusMetrics::Families {
  explicit Families(const Options& options) : refusals(options.refusals) {
    WEIR_CHECK(refusals.size() <= kRefusalsHardMax,
               "more reasons of refusals than there is room for");
  }

  const std::vector<std::string> refusals;
  prometheus::Registry registry;
  SharedFamily<prometheus::Counter> requests{
      registry, "weir_requests_total",
      "Requests that have ended, refused ones too, by gRPC status."};
  SharedFamily<prometheus::Histogram> request_seconds{
      registry, "weir_request_duration_seconds",
      "From a request's first byte read to its answer handed over."};
  SharedFamily<prometheus::Histogram> stage_seconds{
      registry, "weir_stage_duration_seconds",
      "What a request spent its time on."};
  SharedFamily<prometheus::Histogram> batch_rows{registry, "weir_batch_rows",
                                                 "Rows that ran together."};
  SharedFamily<prometheus::Counter> refused{
      registry, "weir_requests_refused_total", "Requests that never ran."};
  SharedFamily<prometheus::Counter> cancelled{
      registry, "weir_requests_cancelled_total",
      "Requests whose client went away, by how far they were."};
  SharedFamily<prometheus::Gauge> build{registry, "weir_build_info",
                                        "What this daemon is, as labels; 1."};
};

// The series of requests, where `owner` points to them.
struct PrometheusMetrics::OfRequests {
  OfRequests(Families& families, const std::string& model,
             const std::string& version, RequestSeries& owner)
      : request(families.request_seconds, {{"model", model}}, SecondsBuckets()),
        decode(families.stage_seconds, {{"model", model}, {"stage", "decode"}},
               SecondsBuckets()),
        encode(families.stage_seconds, {{"model", model}, {"stage", "encode"}},
               SecondsBuckets()) {
    owner.request_seconds = &request;
    owner.decode_seconds = &decode;
    owner.encode_seconds = &encode;
    for (size_t code = 0; code < owner.requests.size(); ++code) {
      const auto status = static_cast<absl::StatusCode>(code);
      const Labels labels = {{"model", model},
                             {"version", version},
                             {"code", absl::StatusCodeToString(status)}};
      owner.requests[code] = &counters.emplace_back(families.requests, labels);
    }
    for (size_t reason = 0; reason < families.refusals.size(); ++reason) {
      if (families.refusals[reason].empty()) continue;
      const Labels labels = {{"model", model},
                             {"reason", families.refusals[reason]}};
      owner.refused[reason] = &counters.emplace_back(families.refused, labels);
    }
  }

  SharedHistogram request, decode, encode;
  std::deque<SharedCounter> counters;  // whose members never move
};

struct PrometheusMetrics::OfVersion final : VersionSeries {
  OfVersion(Families& families, const std::string& model,
            const std::string& version)
      : of_requests(families, model, version, *this),
        rows(families.batch_rows, {{"model", model}}, RowsBuckets()),
        queue(families.stage_seconds, {{"model", model}, {"stage", "queue"}},
              SecondsBuckets()),
        slot_wait(families.stage_seconds,
                  {{"model", model}, {"stage", "slot_wait"}}, SecondsBuckets()),
        gather(families.stage_seconds, {{"model", model}, {"stage", "gather"}},
               SecondsBuckets()),
        run(families.stage_seconds, {{"model", model}, {"stage", "run"}},
            SecondsBuckets()) {
    batch_rows = &rows;
    queue_seconds = &queue;
    slot_wait_seconds = &slot_wait;
    gather_seconds = &gather;
    run_seconds = &run;
  }

  OfRequests of_requests;
  SharedHistogram rows, queue, slot_wait, gather, run;
};

struct PrometheusMetrics::OfProcess final : ProcessSeries {
  OfProcess(Families& families, const std::map<std::string, std::string>& build)
      : queued(families.cancelled, {{"where", "queue"}}),
        running(families.cancelled, {{"where", "run"}}),
        sending(families.cancelled, {{"where", "send"}}),
        of_unknown(families, "", "", unknown),
        build_info(families.build, build) {
    cancelled_queued = &queued;
    cancelled_running = &running;
    cancelled_sending = &sending;
    internal_faults = &faults;
    unknown_model = &unknown;
    build_info->Set(1);
  }

  PlainCounter faults;
  SharedCounter queued, running, sending;
  RequestSeries unknown;
  OfRequests of_unknown;
  SharedSeries<prometheus::Gauge> build_info;
};

PrometheusMetrics::PrometheusMetrics(const Options& options)
    : families_(std::make_unique<Families>(options)),
      process_(std::make_unique<OfProcess>(*families_, options.build)) {}

PrometheusMetrics::~PrometheusMetrics() = default;

std::unique_ptr<VersionSeries> PrometheusMetrics::MakeVersionSeries(
    const std::string& model, int64_t version) {
  return std::make_unique<OfVersion>(*families_, model, absl::StrCat(version));
}

ProcessSeries& PrometheusMetrics::process() { return *process_; }

void PrometheusMetrics::AddCounts(TelemetrySnapshot& snapshot) const {
  Counts requests = CountBy("model", families_->requests);
  Counts errors =
      CountBy("model", families_->requests,
              {.name = "code",
               .value = absl::StatusCodeToString(absl::StatusCode::kOk)});
  for (ModelSnapshot& model : snapshot.models) {
    model.requests = requests[model.name];
    model.errors = errors[model.name];
  }
  Counts refused = CountBy("reason", families_->refused);
  snapshot.refused.clear();
  for (const std::string& reason : families_->refusals) {
    if (!reason.empty()) snapshot.refused.emplace_back(reason, refused[reason]);
  }
}

std::string PrometheusMetrics::Text(const TelemetrySnapshot& snapshot) const {
  TelemetrySnapshot seen = snapshot;
  seen.lost_answers += process_->faults.Read();
  std::vector<prometheus::MetricFamily> families =
      families_->registry.Collect();
  for (prometheus::MetricFamily& family :
       SnapshotFamilies(seen, ReadProcessStats())) {
    families.push_back(std::move(family));
  }
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return text.str();
}

}  // namespace weir
