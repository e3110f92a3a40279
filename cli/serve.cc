#include "cli/serve.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/module.h"
#include "backend/module_environment.h"
#include "backend/module_path.h"
#include "cli/serve_plan.h"
#include "cli/stop_signals.h"
#include "server/server.h"
#include "sync/clock.h"

namespace weir {
namespace {

// What the end of a drain may take beside drain.grace and drain.deadline.
constexpr std::chrono::seconds kEndTimeMax{10};

// Threads that are in a stuck run are not joined, and nothing is unwound that
// they may use.
[[noreturn]] void EndNow(ExitCode code) {
  std::fflush(nullptr);
  std::_Exit(code);
}

ExitCode CodeOf(const Server::End& end) {
  if (end.cause == Server::Cause::kDeviceLost) return kExitDeviceLost;
  return end.drained ? kExitOk : kExitDrainCut;
}

// What signals do; they may come before there is a server.
class ServerStop {
 public:
  void Watch(Server* server) { server_ = server; }

  void Ask() {
    Server* server = server_;
    if (server == nullptr) EndNow(kExitOk);  // nobody was let in yet
    server->Stop();
  }
  [[noreturn]] void AskAgain() {
    Server* server = server_;
    if (server != nullptr) server->Abandon();
    EndNow(kExitDrainCut);
  }

 private:
  std::atomic<Server*> server_ = nullptr;
};

ExitCode RunServer(Server& server) {
  const absl::Status ready = server.AwaitReady();
  if (!ready.ok() && !absl::IsCancelled(ready)) return Refuse(ready);
  if (ready.ok()) {
    std::printf("%s\n", server.ReadyLine().c_str());
    std::fflush(stdout);
  }
  const Server::End end = server.Run();
  if (end.has_stuck_runs) EndNow(CodeOf(end));
  return CodeOf(end);
}

ExitCode Serve(const ServeArguments& arguments) {
  RealClock clock;
  const TimePoint began = clock.Now();
  const absl::StatusOr<std::string> program = ProgramPath();
  if (!program.ok()) return Refuse(program.status());
  const absl::StatusOr<ServePlan> plan =
      PlanServe(arguments, FolderOf(*program));
  if (!plan.ok()) return Refuse(plan.status());
  const absl::StatusOr<std::vector<std::string>> warnings =
      SetModuleEnvironment(plan->config.backend.environment);
  if (!warnings.ok()) return Refuse(warnings.status());
  ServerStop stop;
  const DrainConfig& drain = plan->config.drain;
  // Ends before the server does, which it stops.
  auto signals = std::make_unique<StopSignals>(
      StopSignals::Calls{.first = [&] { stop.Ask(); },
                         .second = [&] { stop.AskAgain(); }},
      std::chrono::ceil<std::chrono::seconds>(drain.grace + drain.deadline) +
          kEndTimeMax);
  const absl::StatusOr<std::unique_ptr<Backend>> backend = LoadBackendModule(
      plan->module, {.clock = &clock, .config = plan->config.backend});
  if (!backend.ok()) return Refuse(backend.status());
  Server server({.config = plan->config,
                 .model_file = plan->model_file,
                 .warnings = *warnings,
                 .began = began},
                **backend, clock);
  stop.Watch(&server);
  const absl::Status started = server.Start();
  const ExitCode code = started.ok() ? RunServer(server) : Refuse(started);
  server.Close();
  signals.reset();
  return code;
}

}  // namespace

void AddServeVerb(CLI::App& app, ExitCode& code) {
  CLI::App* verb =
      app.add_subcommand("serve", "Serve models until asked to stop");
  // Lives as long as the verb's callback, which alone reads it.
  const auto arguments = std::make_shared<ServeArguments>();
  verb->add_option("model", arguments->model,
                   "The file of one model, such as unet.pt");
  verb->add_option("--models", arguments->models,
                   "The folder of models, instead of models.directory");
  verb->add_option("--config", arguments->config, "The configuration's file");
  verb->add_option("--grpc", arguments->grpc,
                   "Where gRPC clients come to, instead of listen.grpc; may "
                   "be repeated")
      ->allow_extra_args(false);
  verb->add_option("--http", arguments->http,
                   "Where /metrics and /status are, instead of listen.http; "
                   "may be repeated")
      ->allow_extra_args(false);
  verb->callback([arguments, &code] { code = Serve(*arguments); });
}

}  // namespace weir
