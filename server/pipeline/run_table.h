// RunTable: the runs that are under way, and who may answer them.
//
//   RunId id = runs.Start(Run{...});
//   ...
//   Run run = runs.Finish(id);            // by its worker, exactly once
//   if (!run.claimed) answer(run.completions);
//
// A run's completions lie here while it runs, not with its worker: so either
// the worker takes them when it finishes, or the watchdog when it claims the
// run as stuck, and never both. A claimed run stays in the table, and its slot
// and its share of the model's cap stay taken, until its worker comes back.
//
// Thread-safety: none; the scheduler's mutex guards it. Only `stop` is read
// elsewhere, by the run itself.
// Ownership: owns the completions.
// Failure: none.
#ifndef WEIR_SERVER_PIPELINE_RUN_TABLE_H_
#define WEIR_SERVER_PIPELINE_RUN_TABLE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backend/slot_lease.h"
#include "server/pipeline/fair_share.h"
#include "server/pipeline/request.h"
#include "sync/check.h"
#include "sync/clock.h"

namespace weir {

// Names a run for ever; never used twice. 0 is none.
using RunId = uint64_t;
using VersionId = uint64_t;
using DeviceIndex = int;

struct Run {
  VersionId version = 0;
  FlowId flow = 0;  // 0: upkeep, which no request waits for
  DeviceIndex device = 0;
  LeaseTicket lease = 0;
  TimePoint started = {};
  TimePoint deadline = kNever;  // when the watchdog may claim it
  double charged_seconds = 0;
  int64_t rows = 0;
  std::vector<Completion> completions = {};  // in the order of its requests
  std::vector<Ticket> tickets = {};
  std::vector<StageTimes> times = {};
  std::vector<std::string> exclusive_keys = {};
  size_t num_cancelled = 0;
  bool claimed = false;
  // Set when nobody waits for the answer any more. Relaxed: it is a hint.
  std::unique_ptr<std::atomic<bool>> stop =
      std::make_unique<std::atomic<bool>>(false);
};

class RunTable {
 public:
  RunId Start(Run run) {
    runs_.emplace(++last_id_, std::move(run));
    return last_id_;
  }
  // REQUIRES: under way.
  Run Finish(RunId id) {
    const auto found = runs_.find(id);
    WEIR_CHECK(found != runs_.end(), "a run finishes once");
    Run run = std::move(found->second);
    runs_.erase(found);
    return run;
  }
  Run& At(RunId id) { return runs_.at(id); }

  // The earliest time at which a run may be claimed.
  TimePoint NextDeadline() const {
    TimePoint next = kNever;
    for (const auto& [id, run] : runs_) {
      if (!run.claimed && run.deadline < next) next = run.deadline;
    }
    return next;
  }
  // Calls `visit` for each run that is overdue and not yet claimed.
  template <typename Visit>
  void ForEachOverdue(TimePoint now, Visit visit) {
    for (auto& [id, run] : runs_) {
      if (!run.claimed && run.deadline <= now) visit(id, run);
    }
  }

  // Calls `visit` for each run that requests wait for.
  template <typename Visit>
  void ForEachAwaited(Visit visit) {
    for (auto& [id, run] : runs_) {
      if (!run.completions.empty()) visit(run);
    }
  }

  size_t size() const { return runs_.size(); }
  // Whether requests wait for one of them.
  bool HasAwaited() const {
    for (const auto& [id, run] : runs_) {
      if (!run.completions.empty()) return true;
    }
    return false;
  }

 private:
  // Bounded by the slots. A map: runs stay where they are.
  std::map<RunId, Run> runs_;
  RunId last_id_ = 0;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_RUN_TABLE_H_
