// VersionStatistics: what one version has done since it was loaded, in the
// sums that Triton's clients and load tools ask for.
//
//   model.statistics().CountRun(/*rows=*/8, stats);
//   model.statistics().CountAnswered({.rows = 2, .times = times, ...});
//   VersionTotals totals = model.statistics().Read();
//
// They are counted where the version's series are observed. A histogram's sum
// would not do: series are shared by the versions of a model, know no batch
// sizes, and are there for Prometheus alone.
//
// Thread-safety: any number of threads; what is read belongs together.
// Ownership: a version owns its own.
// Failure: none. Runs are told apart by their rows, which rows_max bounds.
#ifndef WEIR_SERVER_PIPELINE_VERSION_STATISTICS_H_
#define WEIR_SERVER_PIPELINE_VERSION_STATISTICS_H_

#include <cstdint>
#include <map>

#include "absl/base/thread_annotations.h"
#include "backend/slot_lease.h"
#include "server/pipeline/answer.h"
#include "sync/clock.h"
#include "sync/mutex.h"

namespace weir {

struct VersionTotals {
  struct Total {
    uint64_t count = 0;
    Duration time{0};

    void Add(Duration duration) {
      ++count;
      time += duration;
    }
  };
  struct OfRuns {
    Total gather;
    Total run;
  };

  // Of requests, from their bytes to their answers.
  Total answered;
  Total failed;  // refused ones too
  // Of those that were answered. Each has its run's time to itself.
  Total queue;
  Total gather;
  Total run;
  Total encode;
  uint64_t rows = 0;
  TimePoint last_answered;
  // Of runs that had outputs, by their rows.
  std::map<int64_t, OfRuns> runs;
};

class VersionStatistics {
 public:
  struct Answered {
    int64_t rows = 0;
    StageTimes times;
    Duration encode{0};
    Duration whole{0};
    TimePoint at;
  };

  void CountAnswered(const Answered& request) {
    MutexLock lock(mutex_);
    totals_.answered.Add(request.whole);
    totals_.queue.Add(request.times.queue + request.times.slot_wait);
    totals_.gather.Add(request.times.gather);
    totals_.run.Add(request.times.run);
    totals_.encode.Add(request.encode);
    totals_.rows += static_cast<uint64_t>(request.rows);
    totals_.last_answered = request.at;
  }
  void CountFailed(Duration whole) {
    MutexLock lock(mutex_);
    totals_.failed.Add(whole);
  }
  void CountRun(int64_t rows, const RunStats& stats) {
    MutexLock lock(mutex_);
    VersionTotals::OfRuns& runs = totals_.runs[rows];
    runs.gather.Add(stats.gather);
    runs.run.Add(stats.run);
  }

  VersionTotals Read() const {
    MutexLock lock(mutex_);
    return totals_;
  }

 private:
  mutable Mutex mutex_;
  VersionTotals totals_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_VERSION_STATISTICS_H_
