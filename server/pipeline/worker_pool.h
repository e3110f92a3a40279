// WorkerPool: the workers of one device: as many as it has slots, and one more
// where it has a single slot, so that one batch is encoded while the next runs.
//
// Thread-safety: constructed and destroyed by its owner alone.
// Ownership: borrows the scheduler, which is closed before, the slots and the
// observer.
// Failure: none.
#ifndef WEIR_SERVER_PIPELINE_WORKER_POOL_H_
#define WEIR_SERVER_PIPELINE_WORKER_POOL_H_

#include <memory>
#include <vector>

#include "server/pipeline/model_loader.h"
#include "server/pipeline/observer.h"
#include "server/pipeline/scheduler.h"
#include "server/pipeline/worker.h"

namespace weir {

class WorkerPool {
 public:
  WorkerPool(Scheduler& scheduler, const PipelineDevice& device,
             Observer& observer);

  int num_workers() const { return static_cast<int>(workers_.size()); }

 private:
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_WORKER_POOL_H_
