// Server: the daemon, from its configuration to its last log line.
//
//   Server server({.config = config}, *backend, clock);
//   WEIR_RETURN_IF_ERROR(server.Start());
//   absl::Status loaded = server.AwaitReady();
//   if (loaded.ok()) std::puts(server.ReadyLine().c_str());
//   Server::End end = server.Run();     // until Stop(), or a device is lost
//   if (end.has_stuck_runs) std::_Exit(...);
//
// Start binds all sockets before it makes slots, so a port that is in use costs
// no time; clients are answered from then on, "not ready" at first. The parts
// stand in server.cc in the order in which they are built; they end in the
// reverse.
//
// Thread-safety: Stop and Abandon by any thread; the rest by the owner's.
// Ownership: borrows the backend and the clock, which outlive it; owns all
// else.
// Failure: Start and AwaitReady say in a sentence what an operator must do.
// After an End with has_stuck_runs the destructor waits for those runs: a
// daemon exits without it.
#ifndef WEIR_SERVER_SERVER_H_
#define WEIR_SERVER_SERVER_H_

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "backend/backend.h"
#include "config/config.h"
#include "sync/clock.h"

namespace weir {

class Server {
 public:
  struct Options {
    Config config = {};
    // The file of the one model to serve, instead of config.models.
    std::optional<std::string> model_file = std::nullopt;
    // What was noticed before, to be logged; a sentence each.
    std::vector<std::string> warnings = {};
    // When the program began.
    TimePoint began = {};
    // Where the log goes; borrowed.
    std::FILE* log_file = stderr;
  };

  enum class Cause { kAsked, kDeviceLost };
  struct End {
    Cause cause = Cause::kAsked;
    // Every accepted request was answered before drain.deadline.
    bool drained = true;
    // Runs are left that no request waits for, in threads that cannot be
    // joined.
    bool has_stuck_runs = false;
  };

  Server(const Options& options, Backend& backend, Clock& clock);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds, makes slots, and begins to load. REQUIRES: called once, before all
  // below.
  absl::Status Start();

  // Waits until every model can answer. CANCELLED: Stop came first.
  absl::Status AwaitReady();

  // "weir ready grpc=127.0.0.1:8001,[::1]:8001 http=127.0.0.1:8002 models=4
  // slots=cpu:2 start=0.8s", in one line.
  std::string ReadyLine() const;
  // Where gRPC and HTTP are, with the real ports.
  const std::vector<std::string>& grpc_addresses() const;
  std::vector<std::string> http_addresses() const;

  // What /metrics shows.
  std::string Metrics();

  // Serves until Stop, or until a device is lost whose `on_lost` is exit; then
  // drains, and ends all parts that end without waiting for a stuck run.
  // REQUIRES: called once, after AwaitReady.
  End Run();

  // Whether Close would wait for a run or a load that was given up. REQUIRES:
  // Start was OK.
  bool has_stuck_runs() const;

  // Asks for the end, from the beginning on. Calls after the first change
  // nothing.
  void Stop();

  // Ends all parts, and waits for what is under way in them; what can be read
  // can still be read. A second call does nothing.
  void Close();

  // Logs that the process ends at once, with what was answered.
  void Abandon();

 private:
  struct Parts;

  const std::unique_ptr<Parts> parts_;
};

}  // namespace weir

#endif  // WEIR_SERVER_SERVER_H_
