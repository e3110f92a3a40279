// ServePlan: what `weir serve` is to do, out of what it was told.
//
//   ServeArguments arguments{.grpc = {"localhost:0"}};
//   WEIR_ASSIGN_OR_RETURN(const ServePlan plan,
//                         PlanServe(arguments, "/usr/bin"));
//
// An argument stands above the environment, that above the configuration's
// file, and that above the defaults.
//
// Thread-safety: none: it reads the environment.
// Ownership: values.
// Failure: INVALID_ARGUMENT or NOT_FOUND, which names the argument and says
// what is allowed.
#ifndef WEIR_CLI_SERVE_PLAN_H_
#define WEIR_CLI_SERVE_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/config.h"

namespace weir {

// As written.
struct ServeArguments {
  std::optional<std::string> model = std::nullopt;
  std::optional<std::string> models = std::nullopt;
  std::optional<std::string> config = std::nullopt;
  std::vector<std::string> grpc = {};
  std::vector<std::string> http = {};
};

struct ServePlan {
  Config config = {};
  std::optional<std::string> model_file = std::nullopt;
  std::optional<std::string> config_file = std::nullopt;
  std::string module = {};  // its path
};

absl::StatusOr<ServePlan> PlanServe(const ServeArguments& arguments,
                                    const std::string& program_folder);

}  // namespace weir

#endif  // WEIR_CLI_SERVE_PLAN_H_
