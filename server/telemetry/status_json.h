// StatusJson: what the daemon looks like now, for programs.
//
//   std::string json = StatusJson(snapshot, history.Read());
//
//   {"server": {"name", "version", "state", "uptime_seconds"},
//    "requests": {"accepted", "answered", "lost", "inflight_bytes",
//                 "refused": {reason: count}},
//    "models": [{"name", "requests", "errors", "estimated_wait_seconds",
//                "queue": {"requests", "requests_max", "bytes", "bytes_max"},
//                "versions": [{"version", "state", "why", "load_seconds"}]}],
//    "devices": [{"name", "waiters", "memory_bytes": {kind: bytes},
//                 "slots": [{"slot", "stream", "leased", "in_service",
//                            "leases", "failures", "rows", "busy_seconds",
//                            "busy_percents": [of each second, oldest first]
//                           }]}]}
//
// The server's state is ready, not_ready or draining; a version's is one of
// kModelStateNames. Keys may be added and are never removed. Texts are
// ClientText: what comes from elsewhere is escaped and cut.
//
// Thread-safety: any number of threads.
// Ownership: values.
// Failure: none.
#ifndef WEIR_SERVER_TELEMETRY_STATUS_JSON_H_
#define WEIR_SERVER_TELEMETRY_STATUS_JSON_H_

#include <string>

#include "server/telemetry/slot_history.h"
#include "server/telemetry/telemetry_snapshot.h"

namespace weir {

std::string StatusJson(const TelemetrySnapshot& snapshot,
                       const SlotHistory::Lanes& lanes);

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_STATUS_JSON_H_
