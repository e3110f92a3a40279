#include "cli/serve_plan.h"

#include "absl/status/status.h"
#include "backend/module_path.h"
#include "cli/argument.h"
#include "config/config_file.h"
#include "config/consistency.h"
#include "config/environment.h"
#include "config/kind.h"
#include "config/status_macros.h"

namespace weir {
namespace {

absl::Status TakeAddresses(const std::string& name,
                           const std::vector<std::string>& texts,
                           std::vector<std::string>& addresses) {
  if (!texts.empty()) addresses.assign(texts.size(), "");
  for (size_t i = 0; i < texts.size(); ++i) {
    WEIR_RETURN_IF_ERROR(
        TakeArgument(name, texts[i], ListenAddressKind{}, addresses[i]));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<ServePlan> PlanServe(const ServeArguments& arguments,
                                    const std::string& program_folder) {
  if (arguments.model.has_value() && arguments.models.has_value()) {
    return absl::InvalidArgumentError(
        "a model's file and --models cannot both be given; put the file into "
        "the folder, or leave --models out");
  }
  ServePlan plan;
  WEIR_ASSIGN_OR_RETURN(plan.config,
                        LoadConfig(arguments.config, CaptureEnvironment()));
  ListenConfig& listen = plan.config.listen;
  WEIR_RETURN_IF_ERROR(TakeAddresses("--grpc", arguments.grpc, listen.grpc));
  WEIR_RETURN_IF_ERROR(TakeAddresses("--http", arguments.http, listen.http));
  WEIR_RETURN_IF_ERROR(CheckConsistency(
      plan.config, {{"listen.grpc", "--grpc"}, {"listen.http", "--http"}}));
  if (arguments.models.has_value()) {
    plan.config.models.directory = *arguments.models;
  }
  plan.model_file = arguments.model;
  plan.config_file = arguments.config;
  WEIR_ASSIGN_OR_RETURN(
      plan.module,
      FindBackendModule(plan.config.backend.module, program_folder));
  return plan;
}

}  // namespace weir
