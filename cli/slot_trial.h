// TrySlots: how many slots each device bears, found out before the daemon uses
// it, by a self-test in a child process.
//
//   absl::StatusOr<SlotTrial> trial = TrySlots(*backend, plan, program);
//   config.devices = trial->devices;
//
// Only a device with streams is tried, and only where it would have more than
// one slot: two runs at once are what a library may answer wrongly, hang or
// crash on.
//
// Thread-safety: main's thread; blocks until the children are gone.
// Ownership: values.
// Failure: UNAVAILABLE: a device bears not even one slot.
#ifndef WEIR_CLI_SLOT_TRIAL_H_
#define WEIR_CLI_SLOT_TRIAL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "cli/serve_plan.h"
#include "config/config.h"

namespace weir {

struct SlotTrial {
  // As configured, but with no more slots than a device bears.
  std::vector<DeviceConfig> devices = {};
  // Why a device has fewer than it was to have, a sentence each.
  std::vector<std::string> warnings = {};
};

absl::StatusOr<SlotTrial> TrySlots(const Backend& backend,
                                   const ServePlan& plan,
                                   const std::string& program);

}  // namespace weir

#endif  // WEIR_CLI_SLOT_TRIAL_H_
