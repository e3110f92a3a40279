// TelemetrySnapshot: what the daemon's parts look like now, as plain values.
// Whoever puts the parts together fills one for each scrape and each look at
// /status; nothing is counted twice to be seen.
//
//   TelemetrySnapshot snapshot;
//   snapshot.devices.push_back({.name = "cpu", .slots = {...}});
//   std::string text = metrics.Text(snapshot);
//
// Names come from the configuration and the model directory, never from
// requests: each becomes a label.
//
// Thread-safety: a value.
// Ownership: owns all it holds.
// Failure: none.
#ifndef WEIR_SERVER_TELEMETRY_TELEMETRY_SNAPSHOT_H_
#define WEIR_SERVER_TELEMETRY_TELEMETRY_SNAPSHOT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "sync/clock.h"

namespace weir {

// The states that a version can be in, as metrics and pages name them.
inline constexpr std::array<absl::string_view, 6> kModelStateNames = {
    "loading", "warming_up", "ready", "draining", "failed", "unloaded"};

// How much of a failure's reason is shown.
inline constexpr size_t kStatusWhyBytesMax = 2048;

struct SlotSnapshot {
  std::string stream = {};  // what the backend calls it
  bool leased = false;
  bool in_service = true;
  uint64_t leases = 0;  // those that ran something
  uint64_t failures = 0;
  int64_t rows = 0;
  Duration busy{0};
};

struct DeviceSnapshot {
  std::string name = {};
  std::vector<SlotSnapshot> slots = {};
  int num_waiters = 0;
  std::vector<std::pair<std::string, int64_t>> memory_bytes = {};  // by kind
};

struct VersionSnapshot {
  int64_t version = 0;
  std::string state = {};  // one of kModelStateNames
  std::string why = {};    // of a failure
  Duration load_time{0};
};

struct ModelSnapshot {
  std::string name = {};
  std::vector<VersionSnapshot> versions = {};
  int64_t queue_requests = 0;
  int64_t queue_bytes = 0;
  int64_t queue_limit_requests = 0;
  int64_t queue_limit_bytes = 0;
  Duration estimated_wait{0};
  uint64_t requests = 0;  // that have ended, of the versions that there are
  uint64_t errors = 0;    // of those, the ones that ended otherwise than OK
  // Device time of runs that let no other run of the model beside them.
  std::vector<std::pair<std::string, Duration>> serialized = {};  // by device
};

struct TelemetrySnapshot {
  std::vector<DeviceSnapshot> devices = {};
  std::vector<ModelSnapshot> models = {};
  int64_t inflight_bytes = 0;
  bool ready = false;
  bool draining = false;
  bool insecure_remote = false;  // plain text on an address off loopback
  uint64_t lost_answers = 0;     // requests whose answer a destructor gave
  uint64_t accepted = 0;         // requests that a queue took
  uint64_t answered = 0;         // of those
  std::vector<std::pair<std::string, uint64_t>> refused = {};  // by reason
  std::string version = {};                                    // the daemon's
  Duration uptime{0};
};

// In one word.
inline absl::string_view StateName(const TelemetrySnapshot& snapshot) {
  if (snapshot.draining) return "draining";
  return snapshot.ready ? "ready" : "not_ready";
}

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_TELEMETRY_SNAPSHOT_H_
