// PrometheusMetrics: every series of the daemon, and the text that a scrape
// gets.
//
//   PrometheusMetrics metrics({.refusals = {"", "invalid"}});
//   std::unique_ptr<VersionSeries> series = metrics.MakeVersionSeries("unet",
//   3); series->batch_rows->Observe(8); std::string text =
//   metrics.Text(snapshot);
//
// What happens is counted here as it happens; what can be looked at (slots,
// queues, states) comes with the snapshot and is kept nowhere. A series that
// two versions of a model share goes with the last of them.
//
// Thread-safety: any number of threads.
// Ownership: outlives the series it made.
// Failure: none.
#ifndef WEIR_SERVER_TELEMETRY_PROMETHEUS_METRICS_H_
#define WEIR_SERVER_TELEMETRY_PROMETHEUS_METRICS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/telemetry/metrics.h"
#include "server/telemetry/telemetry_snapshot.h"

namespace weir {

class PrometheusMetrics final : public Metrics {
 public:
  struct Options {
    // The reasons of refusals, by their numbers in RequestSeries::refused. One
    // without a name has no series. At most kRefusalsHardMax (checked).
    std::vector<std::string> refusals = {};
    // The labels of weir_build_info.
    std::map<std::string, std::string> build = {};
  };

  explicit PrometheusMetrics(const Options& options);
  ~PrometheusMetrics() override;
  PrometheusMetrics(const PrometheusMetrics&) = delete;
  PrometheusMetrics& operator=(const PrometheusMetrics&) = delete;

  std::unique_ptr<VersionSeries> MakeVersionSeries(const std::string& model,
                                                   int64_t version) override;
  ProcessSeries& process() override;

  // Fills in what is counted here and nowhere else: requests and errors of the
  // snapshot's models, and refusals by reason.
  void AddCounts(TelemetrySnapshot& snapshot) const;

  // All series in Prometheus's text format.
  std::string Text(const TelemetrySnapshot& snapshot) const;

 private:
  struct Families;
  struct OfVersion;
  struct OfRequests;
  struct OfProcess;

  const std::unique_ptr<Families> families_;
  const std::unique_ptr<OfProcess> process_;
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_PROMETHEUS_METRICS_H_
