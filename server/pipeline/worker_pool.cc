#include "server/pipeline/worker_pool.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace weir {

WorkerPool::WorkerPool(Scheduler& scheduler, const PipelineDevice& device,
                       Observer& observer) {
  const int num_slots = device.slots->num_slots();
  const int num_workers = num_slots == 1 ? 2 : num_slots;
  std::vector<WorkerId> ids;
  for (int i = 0; i < num_workers; ++i) {
    ids.push_back(scheduler.AddWorker(device.index));
  }
  for (int i = 0; i < num_workers; ++i) {
    workers_.push_back(std::make_unique<Worker>(
        absl::StrCat("weir-", device.name, "-", i), scheduler, *device.slots,
        observer, ids[static_cast<size_t>(i)]));
  }
}

}  // namespace weir
