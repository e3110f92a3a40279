// MemoryMetrics: metrics that a test can read.
//
//   MemoryMetrics metrics;
//   ...
//   EXPECT_THAT(metrics.Values("m", "batch_rows"), ElementsAre(3));
//   EXPECT_THAT(metrics.Counts(), ElementsAre(Pair("m OK", 1)));
//
// Thread-safety: any number of threads.
// Ownership: outlives the series it made.
// Failure: none.
#ifndef WEIR_TESTS_SUPPORT_MEMORY_METRICS_H_
#define WEIR_TESTS_SUPPORT_MEMORY_METRICS_H_

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "server/pipeline/answer.h"
#include "server/telemetry/metrics.h"
#include "sync/mutex.h"

namespace weir {

class MemoryMetrics final : public Metrics {
 public:
  std::unique_ptr<VersionSeries> MakeVersionSeries(const std::string& model,
                                                   int64_t) override {
    return std::make_unique<Series>(*this, model);
  }
  ProcessSeries& process() override { return process_; }

  std::vector<double> Values(const std::string& model,
                             const std::string& name) const {
    MutexLock lock(mutex_);
    const auto found = values_.find(model + "." + name);
    return found == values_.end() ? std::vector<double>() : found->second;
  }
  // All that was counted at all: "m OK", "m refused invalid", "cancelled run";
  // "nobody" stands for no model.
  std::map<std::string, int> Counts() const {
    MutexLock lock(mutex_);
    return counts_;
  }

 private:
  struct Keeper final : Histogram {
    Keeper(MemoryMetrics& to, std::string under)
        : metrics(to), key(std::move(under)) {}
    void Observe(double value) override {
      MutexLock lock(metrics.mutex_);
      metrics.values_[key].push_back(value);
    }
    MemoryMetrics& metrics;
    const std::string key;
  };
  struct Tally final : Counter {
    Tally(MemoryMetrics& to, std::string under)
        : metrics(to), key(std::move(under)) {}
    void Increment() override {
      MutexLock lock(metrics.mutex_);
      ++metrics.counts_[key];
    }
    MemoryMetrics& metrics;
    const std::string key;
  };
  // What `owner` points to.
  struct OfRequests {
    OfRequests(MemoryMetrics& metrics, const std::string& model,
               RequestSeries& owner)
        : request(metrics, model + ".request"),
          decode(metrics, model + ".decode"),
          encode(metrics, model + ".encode") {
      owner.request_seconds = &request;
      owner.decode_seconds = &decode;
      owner.encode_seconds = &encode;
      for (size_t code = 0; code < owner.requests.size(); ++code) {
        const std::string name =
            absl::StatusCodeToString(static_cast<absl::StatusCode>(code));
        owner.requests[code] =
            &tallies.emplace_back(metrics, absl::StrCat(model, " ", name));
      }
      for (size_t i = 0; i < kNumRefusals; ++i) {
        const std::string name(Name(static_cast<Refusal>(i)));
        owner.refused[i] = &tallies.emplace_back(
            metrics, absl::StrCat(model, " refused ", name));
      }
    }
    Keeper request, decode, encode;
    std::deque<Tally> tallies;
  };
  struct Series final : VersionSeries {
    Series(MemoryMetrics& metrics, const std::string& model)
        : of_requests(metrics, model, *this),
          rows(metrics, model + ".batch_rows"),
          queue(metrics, model + ".queue"),
          slot_wait(metrics, model + ".slot_wait"),
          gather(metrics, model + ".gather"),
          run(metrics, model + ".run") {
      batch_rows = &rows;
      queue_seconds = &queue;
      slot_wait_seconds = &slot_wait;
      gather_seconds = &gather;
      run_seconds = &run;
    }
    OfRequests of_requests;
    Keeper rows, queue, slot_wait, gather, run;
  };
  struct Process final : ProcessSeries {
    explicit Process(MemoryMetrics& metrics)
        : queue(metrics, "cancelled queue"),
          run(metrics, "cancelled run"),
          send(metrics, "cancelled send"),
          of_nobody(metrics, "nobody", nobody) {
      cancelled_queued = &queue;
      cancelled_running = &run;
      cancelled_sending = &send;
      unknown_model = &nobody;
    }
    Tally queue, run, send;
    RequestSeries nobody;
    OfRequests of_nobody;
  };

  Process process_{*this};

  mutable Mutex mutex_;
  std::map<std::string, std::vector<double>> values_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> counts_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_MEMORY_METRICS_H_
