// SnapshotOf: what the daemon's parts look like now.
//
//   std::string text = metrics.Text(SnapshotOf(pipeline, memories, config,
//                                              events));
//
// Each part is read under its own lock, one after the other, so two of them may
// be a moment apart.
//
// Thread-safety: any number of threads.
// Ownership: a value.
// Failure: none.
#ifndef WEIR_SERVER_SERVER_SNAPSHOT_H_
#define WEIR_SERVER_SERVER_SNAPSHOT_H_

#include "config/config.h"
#include "server/device_memories.h"
#include "server/pipeline/pipeline.h"
#include "server/server_events.h"
#include "server/telemetry/telemetry_snapshot.h"

namespace weir {

// All but what only the server knows of itself: ready, draining,
// insecure_remote.
TelemetrySnapshot SnapshotOf(Pipeline& pipeline, const DeviceMemories& memories,
                             const QueueConfig& limits,
                             const ServerEvents& events);

}  // namespace weir

#endif  // WEIR_SERVER_SERVER_SNAPSHOT_H_
