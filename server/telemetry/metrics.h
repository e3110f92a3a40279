// Metrics: what is measured, as plain interfaces. The only header of telemetry
// that the rest of the server sees; nothing here knows Prometheus.
//
//   auto series = metrics.MakeVersionSeries("unet", 3);
//   series->batch_rows->Observe(8);
//   CountRequest(*series, absl::StatusCode::kOk);
//
// A version's series are made when it is loaded and owned by it: they appear
// and go with it, and nothing that a client sends can make one. Requests for a
// model that there is not count in `process().unknown_model`.
//
// Thread-safety: any number of threads.
// Ownership: Metrics outlives the series it made; a series owns what it points
// to through the deriving class.
// Failure: none; measuring never fails a request.
#ifndef WEIR_SERVER_TELEMETRY_METRICS_H_
#define WEIR_SERVER_TELEMETRY_METRICS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"

namespace weir {

class Histogram {
 public:
  virtual ~Histogram() = default;
  virtual void Observe(double value) = 0;
};

class Counter {
 public:
  virtual ~Counter() = default;
  virtual void Increment() = 0;
};

// What series point to where nobody measures, so that no pointer is null.
struct NoHistogram final : Histogram {
  void Observe(double) override {}
};
struct NoCounter final : Counter {
  void Increment() override {}
};
inline NoHistogram no_histogram;
inline NoCounter no_counter;

// gRPC's codes, which are abseil's.
inline constexpr int kNumCodes = 17;
// Room for the reasons of a refusal; which number means which is told to
// whoever makes the metrics.
inline constexpr int kRefusalsHardMax = 32;

template <size_t kNum>
constexpr std::array<Counter*, kNum> NoCounters() {
  std::array<Counter*, kNum> counters{};
  counters.fill(&no_counter);
  return counters;
}

// What is measured of any request, whatever becomes of it.
struct RequestSeries {
  virtual ~RequestSeries() = default;

  // weir_requests_total, by code: every request once, refused ones too
  std::array<Counter*, kNumCodes> requests = NoCounters<kNumCodes>();
  // weir_requests_refused_total, by reason
  std::array<Counter*, kRefusalsHardMax> refused =
      NoCounters<kRefusalsHardMax>();
  Histogram* request_seconds = &no_histogram;  // weir_request_duration_seconds
  Histogram* decode_seconds = &no_histogram;   // weir_stage_duration_seconds,
  Histogram* encode_seconds = &no_histogram;   // by stage
};

// The series of one version of one model; the pointers are never null.
struct VersionSeries : RequestSeries {
  Histogram* batch_rows = &no_histogram;         // weir_batch_rows
  Histogram* queue_seconds = &no_histogram;      // weir_stage_duration_seconds,
  Histogram* slot_wait_seconds = &no_histogram;  // by stage
  Histogram* gather_seconds = &no_histogram;
  Histogram* run_seconds = &no_histogram;
};

// The series that no model owns, made at start.
struct ProcessSeries {
  virtual ~ProcessSeries() = default;

  // weir_requests_cancelled_total, by where the request was then
  Counter* cancelled_queued = &no_counter;   // it never ran
  Counter* cancelled_running = &no_counter;  // its run had begun
  Counter* cancelled_sending = &no_counter;  // its answer had been made
  Counter* internal_faults = &no_counter;    // weir_internal_faults_total
  RequestSeries* unknown_model = nullptr;    // model="", version=""
};

// What a fake that measures no requests has.
struct NoProcessSeries final : ProcessSeries {
  NoProcessSeries() { unknown_model = &nothing; }
  RequestSeries nothing;
};
inline NoProcessSeries no_process_series;

class Metrics {
 public:
  virtual ~Metrics() = default;
  virtual std::unique_ptr<VersionSeries> MakeVersionSeries(
      const std::string& model, int64_t version) = 0;
  virtual ProcessSeries& process() { return no_process_series; }
};

// Counts a request's end. A code that gRPC has not counts as UNKNOWN.
inline void CountRequest(const RequestSeries& series, absl::StatusCode code) {
  const int number = static_cast<int>(code);
  const bool known = number >= 0 && number < kNumCodes;
  const auto unknown = static_cast<size_t>(absl::StatusCode::kUnknown);
  series.requests[known ? static_cast<size_t>(number) : unknown]->Increment();
}

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_METRICS_H_
