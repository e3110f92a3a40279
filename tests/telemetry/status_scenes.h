// StatusScene: a server as /status may find it, the same each time.
//
//   const StatusScene scene = BusyScene();
//   std::string html = StatusPage(scene.snapshot, scene.lanes);
//
// Thread-safety: values.
// Ownership: values.
// Failure: none.
#ifndef WEIR_TESTS_TELEMETRY_STATUS_SCENES_H_
#define WEIR_TESTS_TELEMETRY_STATUS_SCENES_H_

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/telemetry/slot_history.h"
#include "server/telemetry/telemetry_snapshot.h"

namespace weir {

struct StatusScene {
  TelemetrySnapshot snapshot;
  SlotHistory::Lanes lanes;
};

// What a name or a sentence from elsewhere may try.
inline constexpr char kHostileText[] =
    "</p><script>alert(1)</script><img src=x onerror=alert(1)> \"quoted\" "
    "'single' & \r\nforged line\x1b[2J \xff\xfe "
    "/a/path/that/goes/on/and/on/without/any/place/to/break/it/into/two/lines";

// A device of `num_slots` slots, with waves of load in its last minute.
inline void AddDevice(StatusScene& scene, const std::string& name,
                      int num_slots) {
  DeviceSnapshot device = {
      .name = name,
      .num_waiters = 2,
      .memory_bytes = {{"allocated", 1503238553}, {"reserved", 2147483648}}};
  for (int slot = 0; slot < num_slots; ++slot) {
    SlotHistory::Percents percents;
    for (int second = 0; second < 60; ++second) {
      const double wave = std::sin(second / (6.0 + slot % 5) + slot) +
                          std::sin(second * 1.7 + 3 * slot) / 3;
      percents.push_back(
          static_cast<uint8_t>(std::clamp(55 + 50 * wave, 0.0, 100.0)));
    }
    device.slots.push_back({.stream = absl::StrCat("stream ", slot),
                            .leased = percents.back() > 50,
                            .leases = 1200,
                            .rows = 9600,
                            .busy = std::chrono::seconds(420)});
    scene.lanes[name].push_back(std::move(percents));
  }
  scene.snapshot.devices.push_back(std::move(device));
}

inline ModelSnapshot MakeModel(const std::string& name,
                               const std::string& state, int64_t queue_requests,
                               int64_t wait_ms, uint64_t requests) {
  return {.name = name,
          .versions = {{.version = 3, .state = state}},
          .queue_requests = queue_requests,
          .queue_limit_requests = 512,
          .estimated_wait = std::chrono::milliseconds(wait_ms),
          .requests = requests,
          .errors = requests / 4000};
}

// Nothing is loaded yet.
inline StatusScene EmptyScene() {
  StatusScene scene;
  scene.snapshot.version = "0.1.0";
  scene.snapshot.uptime = std::chrono::milliseconds(1300);
  return scene;
}

// Four slots and three models at work.
inline StatusScene BusyScene() {
  StatusScene scene;
  TelemetrySnapshot& snapshot = scene.snapshot;
  snapshot.version = "0.1.0";
  snapshot.ready = true;
  snapshot.uptime = std::chrono::minutes(192);
  snapshot.accepted = 187345;
  snapshot.answered = 187318;
  snapshot.inflight_bytes = 5347737;
  snapshot.refused = {{"invalid", 3}, {"model_requests", 411}, {"draining", 0}};
  AddDevice(scene, "mps", 4);
  snapshot.models = {MakeModel("resnet50", "ready", 23, 84, 152034),
                     MakeModel("unet", "ready", 4, 1520, 35284),
                     MakeModel("whisper-small", "loading", 0, 0, 0)};
  snapshot.models[1].versions.push_back({.version = 2, .state = "draining"});
  return scene;
}

// A model that cannot be loaded, and says why in the worst of words.
inline StatusScene HostileScene() {
  StatusScene scene = BusyScene();
  TelemetrySnapshot& snapshot = scene.snapshot;
  snapshot.ready = false;
  snapshot.draining = true;
  snapshot.lost_answers = 1;
  snapshot.models.push_back(MakeModel("broken", "failed", 0, 0, 0));
  snapshot.models.back().versions[0].why = kHostileText;
  snapshot.devices[0].slots[1].in_service = false;
  snapshot.devices[0].name = kHostileText;
  snapshot.refused.emplace_back(kHostileText, 2);
  return scene;
}

// More slots than a screen has lines, and one that is new.
inline StatusScene WideScene() {
  StatusScene scene = BusyScene();
  scene.lanes["mps"][2].erase(scene.lanes["mps"][2].begin(),
                              scene.lanes["mps"][2].begin() + 40);
  AddDevice(scene, "cuda:0", 64);
  return scene;
}

}  // namespace weir

#endif  // WEIR_TESTS_TELEMETRY_STATUS_SCENES_H_
