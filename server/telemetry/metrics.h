// Metrics: what is measured, as plain interfaces. The only header of telemetry
// that the rest of the server sees; nothing here knows Prometheus.
//
//   std::unique_ptr<VersionSeries> series = metrics.MakeVersionSeries("unet",
//   3); series->batch_rows->Observe(8);
//
// A version's series are made when it is loaded and owned by it: they appear
// and go with it, and nothing that a client sends can make one.
//
// Thread-safety: any number of threads.
// Ownership: Metrics outlives the series it made; a series owns what it points
// to through the deriving class.
// Failure: none; measuring never fails a request.
#ifndef WEIR_SERVER_TELEMETRY_METRICS_H_
#define WEIR_SERVER_TELEMETRY_METRICS_H_

#include <cstdint>
#include <memory>
#include <string>

namespace weir {

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double value) = 0;
};

// The series of one version of one model; the pointers are never null.
struct VersionSeries {
  virtual ~VersionSeries() = default;

  Histogram* batch_rows = nullptr;         // weir_batch_rows
  Histogram* queue_seconds = nullptr;      // weir_stage_duration_seconds, by
  Histogram* slot_wait_seconds = nullptr;  // stage
  Histogram* gather_seconds = nullptr;
  Histogram* run_seconds = nullptr;
};

class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual std::unique_ptr<VersionSeries> MakeVersionSeries(
      const std::string& model, int64_t version) = 0;
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_METRICS_H_
