#include "cli/serve.h"

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "backend/module_path.h"
#include "cli/daemon.h"
#include "cli/serve_plan.h"
#include "config/limits_text.h"

namespace weir {
namespace {

ExitCode TellReady(Server& server) {
  std::printf("%s\n", server.ReadyLine().c_str());
  std::fflush(stdout);
  return kExitOk;
}

ExitCode Serve(const ServeArguments& arguments) {
  const absl::StatusOr<std::string> program = ProgramPath();
  if (!program.ok()) return Refuse(program.status());
  const absl::StatusOr<ServePlan> plan =
      PlanServe(arguments, FolderOf(*program));
  if (!plan.ok()) return Refuse(plan.status());
  return RunDaemon(*plan, *program, &TellReady);
}

}  // namespace

void AddDaemonOptions(CLI::App& verb, ServeArguments& arguments) {
  verb.add_option("--config", arguments.config, "The configuration's file");
  verb.add_option("--grpc", arguments.grpc,
                  "Where gRPC clients come to, instead of listen.grpc; may "
                  "be repeated")
      ->allow_extra_args(false);
  verb.add_option("--http", arguments.http,
                  "Where /metrics and /status are, instead of listen.http; "
                  "may be repeated")
      ->allow_extra_args(false);
}

void AddServeVerb(CLI::App& app, ExitCode& code) {
  CLI::App* verb =
      app.add_subcommand("serve", "Serve models until asked to stop");
  // Lives as long as the verb's callback, which alone reads it.
  const auto arguments = std::make_shared<ServeArguments>();
  verb->add_option("model", arguments->model,
                   "The file of one model, such as unet.pt");
  verb->add_option("--models", arguments->models,
                   "The folder of models, instead of models.directory");
  AddDaemonOptions(*verb, *arguments);
  verb->footer(PolicyText() + "\n\n" + app.get_footer());
  verb->callback([arguments, &code] { code = Serve(*arguments); });
}

}  // namespace weir
