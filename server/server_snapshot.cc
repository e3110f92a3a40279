#include "server/server_snapshot.h"

#include <cstddef>
#include <utility>

namespace weir {
namespace {

SlotSnapshot SlotOf(const SlotCounters& counters, const std::string& stream) {
  return {.stream = stream,
          .leased = counters.leased,
          .in_service = counters.in_service,
          .leases = counters.leases,
          .failures = counters.failures,
          .rows = counters.rows,
          .busy = counters.busy};
}

DeviceSnapshot DeviceOf(const PipelineDevice& device,
                        const DeviceMemories& memories) {
  const SlotPool::Snapshot pool = device.slots->Read();
  DeviceSnapshot snapshot{.name = device.name, .num_waiters = pool.num_waiters};
  for (size_t i = 0; i < pool.slots.size(); ++i) {
    snapshot.slots.push_back(
        SlotOf(pool.slots[i], device.slots->stream(static_cast<int>(i))));
  }
  const DeviceMemory memory = memories.Of(device.name);
  snapshot.memory_bytes = {{"allocated", memory.allocated_bytes},
                           {"reserved", memory.reserved_bytes}};
  return snapshot;
}

ModelSnapshot ModelOf(const std::string& name, const Scheduler& scheduler,
                      const QueueConfig& limits) {
  const SchedulerState::ModelView view = scheduler.ViewModel(name);
  return {.name = name,
          .queue_requests = view.num_queued,
          .queue_bytes = view.bytes_queued,
          .queue_limit_requests = limits.requests_max,
          .queue_limit_bytes = limits.bytes_max,
          .estimated_wait = view.estimated_wait,
          .serialized = view.serialized};
}

std::string StateName(ModelState state) {
  return std::string(kModelStateNames[static_cast<size_t>(state)]);
}

}  // namespace

TelemetrySnapshot SnapshotOf(Pipeline& pipeline, const DeviceMemories& memories,
                             const QueueConfig& limits,
                             const ServerEvents& events) {
  TelemetrySnapshot snapshot;
  for (const PipelineDevice& device : pipeline.devices()) {
    snapshot.devices.push_back(DeviceOf(device, memories));
  }
  // A model's versions follow each other in the list.
  for (const ModelStore::Row& row : pipeline.store().List()) {
    if (snapshot.models.empty() || snapshot.models.back().name != row.model) {
      snapshot.models.push_back(
          ModelOf(row.model, pipeline.scheduler(), limits));
    }
    snapshot.models.back().versions.push_back(
        {.version = row.version,
         .state = StateName(row.state),
         .why = row.why,
         .load_time = events.LoadTime(row.model, row.version)});
  }
  snapshot.inflight_bytes = pipeline.budget().bytes_taken();
  snapshot.accepted = pipeline.ledger().accepted;
  snapshot.answered = pipeline.ledger().answered;
  snapshot.lost_answers = pipeline.ledger().lost;
  return snapshot;
}

}  // namespace weir
