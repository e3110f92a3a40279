// Timer: the thread that makes every timed change: it answers requests whose
// deadline passed in the queue, and wakes a worker for a batch that has waited
// long enough, however busy all slots are.
//
// Thread-safety: constructed and destroyed by its owner alone.
// Ownership: borrows the scheduler, which outlives it and is closed before.
// Failure: none.
#ifndef WEIR_SERVER_PIPELINE_TIMER_H_
#define WEIR_SERVER_PIPELINE_TIMER_H_

#include "server/pipeline/scheduler.h"
#include "sync/thread.h"

namespace weir {

class Timer {
 public:
  explicit Timer(Scheduler& scheduler)
      : thread_("weir-timer", [&scheduler] {
          while (scheduler.AwaitTimedChange()) {
          }
        }) {}

 private:
  Thread thread_;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_TIMER_H_
