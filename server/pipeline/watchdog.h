// Watchdog: the thread that gives up runs that take too long. It answers their
// requests, takes their slot out of service (their device, once no slot
// is left that works or can be repaired), and leaves the run to itself: what it
// holds stays referenced until it returns, if ever.
//
// Thread-safety: constructed and destroyed by its owner alone.
// Ownership: borrows all it is given, which outlives it.
// Failure: none.
#ifndef WEIR_SERVER_PIPELINE_WATCHDOG_H_
#define WEIR_SERVER_PIPELINE_WATCHDOG_H_

#include <vector>

#include "server/pipeline/model_loader.h"
#include "server/pipeline/model_store.h"
#include "server/pipeline/observer.h"
#include "server/pipeline/scheduler.h"
#include "sync/thread.h"

namespace weir {

class Watchdog {
 public:
  // `devices` are in the order of their index.
  Watchdog(Scheduler& scheduler, std::vector<PipelineDevice> devices,
           ModelStore& store, Observer& observer);
  ~Watchdog();

 private:
  void GiveUp(StuckRuns stuck);

  Scheduler& scheduler_;
  const std::vector<PipelineDevice> devices_;
  ModelStore& store_;
  Observer& observer_;
  Thread thread_;  // last: it starts when all else is there
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_WATCHDOG_H_
