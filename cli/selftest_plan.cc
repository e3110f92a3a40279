#include "cli/selftest_plan.h"

#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "backend/module_path.h"
#include "backend/self_test_fact.h"
#include "cli/argument.h"
#include "config/config_file.h"
#include "config/environment.h"
#include "config/kind.h"
#include "config/status_macros.h"
#include "config/version_number.h"

namespace weir {
namespace {

// The device and its slots, out of the configuration's list.
absl::Status TakeDevice(const SelftestArguments& arguments,
                        SelftestPlan& plan) {
  const std::vector<DeviceConfig>& devices = plan.config.devices;
  const auto found = std::find_if(
      devices.begin(), devices.end(),
      [&](const auto& device) { return arguments.device == device.device; });
  if (!arguments.device.has_value() && devices.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("the configuration has ", devices.size(),
                     " devices; name one with --device"));
  }
  if (!arguments.device.has_value()) {
    plan.device = devices[0].device;
    plan.slots = devices[0].slots;
  } else if (found != devices.end()) {
    plan.slots = found->slots;
  }
  WEIR_RETURN_IF_ERROR(TakeArgument("--device", arguments.device,
                                    DeviceNameKind{}, plan.device));
  const AutoKind<WholeNumberKind<int>> slots{{1, kSlotsHardMax}};
  return TakeArgument("--slots", arguments.slots, slots, plan.slots);
}

// What a model's file is called, and where that lies which is said of it.
struct ModelPlace {
  std::string name;
  std::string yaml;
};

std::string LastOf(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// FILE and FILE.yaml; for a file that is called model, which lies in NAME or in
// NAME/VERSION, NAME and NAME/model.yaml.
ModelPlace PlaceOf(const std::string& path) {
  const std::string file = LastOf(path);
  const size_t dot = file.rfind('.');
  const std::string stem =
      dot == std::string::npos || dot == 0 ? file : file.substr(0, dot);
  std::string folder = FolderOf(path);
  if (stem != "model" || folder == "." || folder == "/") {
    const std::string rest = path.substr(0, path.size() - file.size());
    return {stem, absl::StrCat(rest, stem, ".yaml")};
  }
  if (ParseVersionNumber(LastOf(folder)).has_value() &&
      FolderOf(folder) != ".") {
    folder = FolderOf(folder);
  }
  return {LastOf(folder), absl::StrCat(folder, "/model.yaml")};
}

// A model.yaml, a script for a backend that has no files, or a file of the
// backend's own with what its model.yaml says.
absl::StatusOr<ModelSource> ReadModel(const std::string& path) {
  if (access(path.c_str(), R_OK) != 0) {
    return absl::NotFoundError(
        absl::StrCat("--model: cannot read ", path,
                     "; give the path of a model's file, such as model.pt, or "
                     "of its model.yaml"));
  }
  const ModelPlace place = PlaceOf(path);
  ModelSource source;
  source.name = place.name;
  const bool is_yaml = path == place.yaml;
  if (!is_yaml) source.path = path;
  if (is_yaml || access(place.yaml.c_str(), R_OK) == 0) {
    WEIR_ASSIGN_OR_RETURN(source.config, LoadModelConfig(place.yaml));
  }
  return source;
}

absl::Status TakeModels(const SelftestArguments& arguments,
                        SelftestPlan& plan) {
  if (arguments.models.size() > kSelfTestModelsMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("--model: at most ", kSelfTestModelsMax, " of them"));
  }
  for (const std::string& path : arguments.models) {
    WEIR_ASSIGN_OR_RETURN(ModelSource source, ReadModel(path));
    for (const ModelSource& other : plan.models) {
      if (other.name != source.name) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("--model: two models are named ", source.name));
    }
    plan.models.push_back(std::move(source));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SelftestPlan> PlanSelftest(const SelftestArguments& arguments,
                                          const std::string& program_folder) {
  SelftestPlan plan;
  WEIR_ASSIGN_OR_RETURN(plan.config,
                        LoadConfig(arguments.config, CaptureEnvironment()));
  WEIR_RETURN_IF_ERROR(TakeDevice(arguments, plan));
  WEIR_RETURN_IF_ERROR(TakeArgument("--rounds", arguments.rounds,
                                    WholeNumberKind<int>{1, kSelfTestRoundsMax},
                                    plan.rounds));
  WEIR_RETURN_IF_ERROR(TakeArgument(
      "--timeout", arguments.timeout,
      TimeKind{std::chrono::milliseconds(1), std::chrono::hours(24)},
      plan.timeout));
  WEIR_ASSIGN_OR_RETURN(
      plan.module,
      FindBackendModule(arguments.module.value_or(plan.config.backend.module),
                        program_folder));
  WEIR_RETURN_IF_ERROR(TakeModels(arguments, plan));
  return plan;
}

}  // namespace weir
