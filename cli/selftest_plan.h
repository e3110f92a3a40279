// SelftestPlan: what `weir selftest` is to do, out of what it was told.
//
//   SelftestArguments arguments{.slots = "4", .models = {"unet.pt"}};
//   WEIR_ASSIGN_OR_RETURN(const SelftestPlan plan,
//                         PlanSelftest(arguments, "/usr/bin"));
//
// An argument stands above the configuration, and that above its defaults.
//
// Thread-safety: none: it reads the environment.
// Ownership: values.
// Failure: INVALID_ARGUMENT or NOT_FOUND, which names the argument and says
// what is allowed.
#ifndef WEIR_CLI_SELFTEST_PLAN_H_
#define WEIR_CLI_SELFTEST_PLAN_H_

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "config/config.h"
#include "sync/clock.h"

namespace weir {

// As written.
struct SelftestArguments {
  std::optional<std::string> config = std::nullopt;
  std::optional<std::string> module = std::nullopt;
  std::optional<std::string> device = std::nullopt;
  std::optional<std::string> slots = std::nullopt;
  std::vector<std::string> models = {};
  std::optional<std::string> rounds = std::nullopt;
  std::optional<std::string> timeout = std::nullopt;
  bool json = false;
  bool child = false;
};

struct SelftestPlan {
  Config config = {};
  std::string module = {};  // its path
  std::string device = "auto";
  std::optional<int> slots = std::nullopt;
  std::vector<ModelSource> models = {};
  int rounds = 20;
  Duration timeout = std::chrono::seconds(10);
};

absl::StatusOr<SelftestPlan> PlanSelftest(const SelftestArguments& arguments,
                                          const std::string& program_folder);

}  // namespace weir

#endif  // WEIR_CLI_SELFTEST_PLAN_H_
