#include "cli/selftest_command.h"

#include "absl/strings/str_cat.h"

namespace weir {

SelfTestChildOptions ChildOptions(const SelftestCommand& command,
                                  const DeviceConfig& device,
                                  const Config& config) {
  SelfTestChildOptions options;
  options.command = {command.program, "selftest", "--child", "--module",
                     command.module};
  const auto add = [&](const char* name, const std::string& value) {
    options.command.insert(options.command.end(), {name, value});
  };
  if (command.rounds.has_value())
    add("--rounds", absl::StrCat(*command.rounds));
  if (command.config_file.has_value()) add("--config", *command.config_file);
  for (const std::string& model : command.models) add("--model", model);
  options.device = device.device;
  options.slots = device.slots;
  options.load_time_max = config.limits.load_time_max;
  return options;
}

std::vector<std::string> ModelPaths(const ModelDirectory& found,
                                    size_t models_max) {
  std::vector<std::string> paths;
  for (const FoundModel& model : found.models) {
    if (paths.size() == models_max) break;
    // Where there is no file, the folder is the place.
    paths.push_back(model.source.path.empty()
                        ? absl::StrCat(model.place, "/model.yaml")
                        : model.place);
  }
  return paths;
}

}  // namespace weir
