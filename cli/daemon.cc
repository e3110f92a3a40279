#include "cli/daemon.h"

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
#include "cli/slot_trial.h"
#include "cli/stop_signals.h"
#include "sync/clock.h"

namespace weir {
namespace {

// What the end of a drain may take beside drain.grace and drain.deadline: the 5
// s that RpcServer::Stop gives clients who neither read nor write, and as much
// again. Service managers (deploy/) wait 15 s longer than the default drain.
constexpr std::chrono::seconds kEndTimeMax{12};

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

ExitCode RunServer(Server& server, const DaemonReady& on_ready) {
  const absl::Status ready = server.AwaitReady();
  if (!ready.ok() && !absl::IsCancelled(ready)) {
    const ExitCode refused = Refuse(ready);
    if (server.has_stuck_runs()) EndNow(refused);
    return refused;
  }
  const ExitCode told = ready.ok() ? on_ready(server) : kExitOk;
  if (told != kExitOk) server.Stop();
  const Server::End end = server.Run();
  const ExitCode code = told == kExitOk ? CodeOf(end) : told;
  if (end.has_stuck_runs) EndNow(code);
  return code;
}

}  // namespace

ExitCode RunDaemon(const ServePlan& plan, const std::string& program,
                   const DaemonReady& on_ready) {
  RealClock clock;
  const TimePoint began = clock.Now();
  const absl::StatusOr<std::vector<std::string>> warnings =
      SetModuleEnvironment(plan.config.backend.environment);
  if (!warnings.ok()) return Refuse(warnings.status());
  ServerStop stop;
  const DrainConfig& drain = plan.config.drain;
  // Ends before the server does, which it stops.
  auto signals = std::make_unique<StopSignals>(
      StopSignals::Calls{.first = [&] { stop.Ask(); },
                         .second = [&] { stop.AskAgain(); }},
      std::chrono::ceil<std::chrono::seconds>(drain.grace + drain.deadline) +
          kEndTimeMax,
      clock);
  const absl::StatusOr<std::unique_ptr<Backend>> backend = LoadBackendModule(
      plan.module, {.clock = &clock, .config = plan.config.backend});
  if (!backend.ok()) return Refuse(backend.status());
  const absl::StatusOr<SlotTrial> trial = TrySlots(**backend, plan, program);
  if (!trial.ok()) return Refuse(trial.status());
  Config config = plan.config;
  config.devices = trial->devices;
  std::vector<std::string> told = *warnings;
  told.insert(told.end(), trial->warnings.begin(), trial->warnings.end());
  Server server({.config = config,
                 .model_file = plan.model_file,
                 .warnings = told,
                 .began = began},
                **backend, clock);
  stop.Watch(&server);
  const absl::Status started = server.Start();
  const ExitCode code =
      started.ok() ? RunServer(server, on_ready) : Refuse(started);
  server.Close();
  signals.reset();
  return code;
}

}  // namespace weir
