#include "server/pipeline/worker.h"

#include <utility>

#include "server/pipeline/batch.h"
#include "server/pipeline/model_version.h"

namespace weir {

Worker::Worker(const std::string& name, Scheduler& scheduler, SlotPool& slots,
               Observer& observer, WorkerId id)
    : scheduler_(scheduler),
      slots_(slots),
      observer_(observer),
      id_(id),
      thread_(name, [this] { Loop(); }) {}

// The heart of the server. A request is taken here once, and either this thread
// or the watchdog answers it: Finished decides which, under one mutex.
void Worker::Loop() {
  int last_slot = -1;
  while (scheduler_.AwaitWork(id_)) {
    // Back-pressure: if every slot is leased, the baton goes on before we wait.
    absl::StatusOr<SlotLease> lease = slots_.Acquire(
        last_slot, kNever, [this] { scheduler_.PassBaton(id_); });
    if (!lease.ok()) {
      // Closed, or no slot is in service: AwaitWork must know before we ask.
      scheduler_.OnService(slots_.device(), slots_.service());
      continue;
    }
    last_slot = lease->slot().index();

    // Closed as late as this, the batch kept filling while we waited.
    Batch batch = scheduler_.TakeBatch(id_, *lease);
    if (batch.empty()) continue;  // another worker took it

    BatchResult result = batch.Run(
        *lease, [this, &batch] { return scheduler_.RunAgain(batch); });

    // A broken slot leaves service before its model may start another run.
    if (result.fault.has_value()) slots_.Report(*lease, *result.fault);
    const bool ours = scheduler_.Finished(batch, result);
    lease->Release(result.stats);

    // The slot works again already while the answers are split and encoded.
    if (ours) {
      batch.Complete(std::move(result));
    } else {
      observer_.OnStuckRunReturned(batch.requests().front()->model->name(),
                                   slots_.device());
    }
  }
}

}  // namespace weir
