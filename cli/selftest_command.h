// SelftestCommand: this program again, as the child of a self-test, whichever
// verb asks for one.
//
//   SelfTestChildOptions options = ChildOptions(
//       {.program = program, .module = module, .models = ModelPaths(found, 4)},
//       {.device = "mps", .slots = 4}, config);
//   absl::StatusOr<SelfTestVerdict> verdict = RunSelfTestChild(options);
//
// The child reads the configuration itself, so it is told where that lies.
//
// Thread-safety: pure functions.
// Ownership: values.
// Failure: none.
#ifndef WEIR_CLI_SELFTEST_COMMAND_H_
#define WEIR_CLI_SELFTEST_COMMAND_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "backend/self_test_child.h"
#include "config/config.h"
#include "server/model_directory.h"

namespace weir {

struct SelftestCommand {
  std::string program = {};
  std::string module = {};  // its path
  std::optional<std::string> config_file = std::nullopt;
  // As `--model` takes them.
  std::vector<std::string> models = {};
  std::optional<int> rounds = std::nullopt;
};

// How long a step and the whole test may take is the caller's to change.
SelfTestChildOptions ChildOptions(const SelftestCommand& command,
                                  const DeviceConfig& device,
                                  const Config& config);

// The first of them, as `--model` takes them.
std::vector<std::string> ModelPaths(const ModelDirectory& found,
                                    size_t models_max);

}  // namespace weir

#endif  // WEIR_CLI_SELFTEST_COMMAND_H_
