// WorkerLine: what the workers of one device are doing, as far as wake-ups go.
//
//   idle ---- woken, or found work by itself ----> seeking
//   seeking -- must wait for a slot ------------> blocked
//   seeking, blocked -- took a batch, or none --> busy
//   busy ---- asks for work ---------------------> seeking or idle
//
// The last one that went idle is woken first: its memory is still warm, and
// those at the bottom can sleep on.
//
// Thread-safety: none; the scheduler's mutex guards it.
// Ownership: values.
// Failure: none.
#ifndef WEIR_SERVER_PIPELINE_WORKER_LINE_H_
#define WEIR_SERVER_PIPELINE_WORKER_LINE_H_

#include <algorithm>
#include <optional>
#include <vector>

#include "sync/check.h"

namespace weir {

// Counts from 0 over all devices.
using WorkerId = int;

enum class WorkerPhase { kBusy, kIdle, kSeeking, kBlocked };

class WorkerLine {
 public:
  void Move(WorkerId worker, WorkerPhase from, WorkerPhase to) {
    Leave(worker, from);
    if (to == WorkerPhase::kIdle) idle_.push_back(worker);
    num_seeking_ += to == WorkerPhase::kSeeking ? 1 : 0;
    num_blocked_ += to == WorkerPhase::kBlocked ? 1 : 0;
  }

  std::optional<WorkerId> LastIdle() const {
    if (idle_.empty()) return std::nullopt;
    return idle_.back();
  }

  int num_idle() const { return static_cast<int>(idle_.size()); }
  // On their way to take a batch, not held up.
  int num_seeking() const { return num_seeking_; }
  // Waiting for a slot: the next that is given back goes to one of them.
  int num_blocked() const { return num_blocked_; }

 private:
  void Leave(WorkerId worker, WorkerPhase from) {
    num_seeking_ -= from == WorkerPhase::kSeeking ? 1 : 0;
    num_blocked_ -= from == WorkerPhase::kBlocked ? 1 : 0;
    if (from != WorkerPhase::kIdle) return;
    const auto place = std::find(idle_.rbegin(), idle_.rend(), worker);
    WEIR_CHECK(place != idle_.rend(), "an idle worker stands in line");
    idle_.erase(std::next(place).base());
  }

  std::vector<WorkerId> idle_;
  int num_seeking_ = 0;
  int num_blocked_ = 0;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_WORKER_LINE_H_
