// Worker: one thread that runs batches on one device's slots.
//
//   Worker worker("weir-cpu-0", scheduler, pool, observer,
//                 scheduler.AddWorker(device));
//   ...
//   scheduler.Close();         // the loop ends; the destructor joins
//
// Thread-safety: constructed and destroyed by its owner alone.
// Ownership: borrows the scheduler, the pool and the observer, which outlive
// it.
// Failure: a run's failure is its requests' answer; the thread lives on.
#ifndef WEIR_SERVER_PIPELINE_WORKER_H_
#define WEIR_SERVER_PIPELINE_WORKER_H_

#include <string>

#include "backend/slot_pool.h"
#include "server/pipeline/observer.h"
#include "server/pipeline/scheduler.h"
#include "sync/thread.h"

namespace weir {

class Worker {
 public:
  Worker(const std::string& name, Scheduler& scheduler, SlotPool& slots,
         Observer& observer, WorkerId id);

 private:
  void Loop();

  Scheduler& scheduler_;
  SlotPool& slots_;
  Observer& observer_;
  const WorkerId id_;
  Thread thread_;  // last: it starts when all else is there
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_WORKER_H_
