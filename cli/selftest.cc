#include "cli/selftest.h"

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "backend/module_environment.h"
#include "backend/module_path.h"
#include "backend/self_test_child.h"
#include "cli/selftest_child.h"
#include "cli/selftest_plan.h"
#include "cli/selftest_text.h"

namespace weir {
namespace {

// This program again, as the child, with what it was told itself.
SelfTestChildOptions ChildOptions(const SelftestArguments& arguments,
                                  const SelftestPlan& plan,
                                  const std::string& program) {
  SelfTestChildOptions options;
  options.command = {program,
                     "selftest",
                     "--child",
                     "--module",
                     plan.module,
                     "--rounds",
                     absl::StrCat(plan.rounds)};
  if (arguments.config.has_value()) {
    options.command.insert(options.command.end(),
                           {"--config", *arguments.config});
  }
  for (const std::string& model : arguments.models) {
    options.command.insert(options.command.end(), {"--model", model});
  }
  options.device = plan.device;
  options.slots = plan.slots;
  options.step_time_max = plan.timeout;
  options.load_time_max = plan.config.limits.load_time_max;
  return options;
}

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
  return Tell(RunSelfTestChild(ChildOptions(arguments, *plan, *program)),
              *warnings, arguments.json);
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
