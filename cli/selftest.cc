#include "cli/selftest.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/module_environment.h"
#include "backend/module_path.h"
#include "backend/self_test_child.h"
#include "cli/selftest_child.h"
#include "cli/selftest_command.h"
#include "cli/selftest_plan.h"
#include "cli/selftest_text.h"

namespace weir {
namespace {

ExitCode Tell(const absl::StatusOr<SelfTestVerdict>& verdict,
              const std::vector<std::string>& warnings, bool json) {
  if (json) {
    const std::string text = verdict.ok()
                                 ? SelftestJson(*verdict, warnings)
                                 : SelftestJson(verdict.status(), warnings);
    std::fputs(text.c_str(), stdout);
  } else {
    for (const std::string& warning : warnings) {
      std::fprintf(stderr, "weir: warning: %s\n", warning.c_str());
    }
    if (verdict.ok()) {
      std::fputs(SelftestText(*verdict).c_str(), stdout);
    } else {
      std::fprintf(stderr, "weir: %s\n",
                   std::string(verdict.status().message()).c_str());
    }
  }
  return verdict.ok() && verdict->keeps_slots() ? kExitOk : kExitFailed;
}

ExitCode Selftest(const SelftestArguments& arguments) {
  const absl::StatusOr<std::string> program = ProgramPath();
  if (!program.ok()) return Refuse(program.status());
  const absl::StatusOr<SelftestPlan> plan =
      PlanSelftest(arguments, FolderOf(*program));
  if (!plan.ok()) return Refuse(plan.status());
  const absl::StatusOr<std::vector<std::string>> warnings =
      SetModuleEnvironment(plan->config.backend.environment);
  if (!warnings.ok()) return Refuse(warnings.status());
  if (arguments.child) RunAsSelftestChild(*plan);
  SelfTestChildOptions options = ChildOptions(
      {.program = *program,
       .module = plan->module,
       .config_file = arguments.config,
       .models = arguments.models,
       .rounds = plan->rounds},
      {.device = plan->device, .slots = plan->slots}, plan->config);
  options.step_time_max = plan->timeout;
  return Tell(RunSelfTestChild(options), *warnings, arguments.json);
}

}  // namespace

void AddSelftestVerb(CLI::App& app, ExitCode& code) {
  CLI::App* verb = app.add_subcommand(
      "selftest", "Try whether a device bears several runs at once");
  // Lives as long as the verb's callback, which alone reads it.
  const auto arguments = std::make_shared<SelftestArguments>();
  verb->add_option("--config", arguments->config, "The configuration's file");
  verb->add_option("--module", arguments->module,
                   "The backend's module, instead of backend.module");
  verb->add_option("--device", arguments->device,
                   "Such as mps or cuda:0, instead of devices");
  verb->add_option("--slots", arguments->slots,
                   "How many to try; auto asks the backend");
  verb->add_option("--model", arguments->models,
                   "A model's file, or its model.yaml; may be repeated");
  verb->add_option("--rounds", arguments->rounds,
                   "Runs of each slot at each number of slots (20)");
  verb->add_option("--timeout", arguments->timeout,
                   "The longest that one step may take (10s)");
  verb->add_flag("--json", arguments->json, "Print one JSON object");
  // Not listed: this program starts itself so.
  verb->add_flag("--child", arguments->child)->group("");
  verb->callback([arguments, &code] { code = Selftest(*arguments); });
}

}  // namespace weir
