#include "cli/slot_trial.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/self_test_child.h"
#include "backend/self_test_fact.h"
#include "cli/selftest_command.h"
#include "config/status_macros.h"
#include "server/model_directory.h"

namespace weir {
namespace {

ModelDirectory FindServed(const Backend& backend, const ServePlan& plan) {
  const ModelDirectoryOptions options = {.needs_file = backend.needs_files()};
  return plan.model_file.has_value()
             ? FindModel(*plan.model_file, options)
             : FindModels(plan.config.models.directory, options);
}

// The device that is meant; null where there is none.
const DeviceInfo* Find(const std::vector<DeviceInfo>& known,
                       const DeviceConfig& device) {
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const DeviceInfo& one) {
        return MeansDevice(device.device, one.name);
      });
  return found == known.end() ? nullptr : &*found;
}

absl::StatusOr<SelfTestVerdict> Test(const Backend& backend,
                                     const ServePlan& plan,
                                     const std::string& program,
                                     const DeviceInfo& device, int slots) {
  return RunSelfTestChild(ChildOptions(
      {.program = program,
       .module = plan.module,
       .config_file = plan.config_file,
       .models = ModelPaths(FindServed(backend, plan), kSelfTestModelsMax)},
      {.device = device.name, .slots = slots}, plan.config));
}

}  // namespace

absl::StatusOr<SlotTrial> TrySlots(const Backend& backend,
                                   const ServePlan& plan,
                                   const std::string& program) {
  SlotTrial trial = {.devices = plan.config.devices};
  const std::vector<DeviceInfo> known = backend.Devices();
  for (DeviceConfig& device : trial.devices) {
    const DeviceInfo* info = Find(known, device);
    // One that is not there is told by whoever makes its slots.
    if (info == nullptr || !info->has_streams) continue;
    const int wanted = device.slots.value_or(info->slots_default);
    if (wanted == 1) continue;
    WEIR_ASSIGN_OR_RETURN(const SelfTestVerdict verdict,
                          Test(backend, plan, program, *info, wanted));
    device.slots = verdict.slots;
    if (verdict.slots == wanted) continue;
    trial.warnings.push_back(absl::StrCat(
        "device ", info->name, " gets ", verdict.slots, " of ", wanted,
        " slots, for that is what the self-test says it bears: ",
        absl::StrJoin(verdict.evidence, "; ")));
  }
  return trial;
}

}  // namespace weir
