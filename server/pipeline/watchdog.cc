#include "server/pipeline/watchdog.h"

#include <optional>
#include <utility>

namespace weir {

Watchdog::Watchdog(Scheduler& scheduler, std::vector<PipelineDevice> devices,
                   ModelStore& store, Observer& observer)
    : scheduler_(scheduler),
      devices_(std::move(devices)),
      store_(store),
      observer_(observer),
      thread_("weir-watchdog", [this] {
        while (std::optional<StuckRuns> stuck = scheduler_.AwaitStuckRuns()) {
          GiveUp(*std::move(stuck));
        }
      }) {}

Watchdog::~Watchdog() { scheduler_.EndWatch(); }

void Watchdog::GiveUp(StuckRuns stuck) {
  for (const ClaimedRun& run : stuck.claimed) {
    const PipelineDevice& device = devices_[static_cast<size_t>(run.device)];
    device.slots->Report(run.lease,
                         run.all_slots_stuck ? Fault::kDevice : Fault::kSlot);
    // What was retired before may be all that is left: it works, or the device
    // is lost.
    if (device.slots->service().in_service == 0) store_.Repair(device.name);
    observer_.OnStuckRun(run.model, device.name);
    if (run.model.empty()) store_.OnStuckUpkeep();
  }
  SendAll(std::move(stuck.answers));
}

}  // namespace weir
