// MemoryMetrics: metrics that a test can read.
//
//   MemoryMetrics metrics;
//   ...
//   EXPECT_THAT(metrics.Values("m", "batch_rows"), ElementsAre(3));
//
// Thread-safety: any number of threads.
// Ownership: outlives the series it made.
// Failure: none.
#ifndef WEIR_TESTS_SUPPORT_MEMORY_METRICS_H_
#define WEIR_TESTS_SUPPORT_MEMORY_METRICS_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/telemetry/metrics.h"
#include "sync/mutex.h"

namespace weir {

class MemoryMetrics final : public Metrics {
 public:
  std::unique_ptr<VersionSeries> MakeVersionSeries(const std::string& model,
                                                   int64_t) override {
    return std::make_unique<Series>(*this, model);
  }

  std::vector<double> Values(const std::string& model,
                             const std::string& name) const {
    MutexLock lock(mutex_);
    const auto found = values_.find(model + "." + name);
    return found == values_.end() ? std::vector<double>() : found->second;
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
  struct Series final : VersionSeries {
    Series(MemoryMetrics& metrics, const std::string& model)
        : rows(metrics, model + ".batch_rows"),
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
    Keeper rows, queue, slot_wait, gather, run;
  };

  mutable Mutex mutex_;
  std::map<std::string, std::vector<double>> values_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_MEMORY_METRICS_H_
