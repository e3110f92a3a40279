// RpcServer: gRPC in front of a pipeline, at the addresses it is given.
//
//   absl::StatusOr<std::unique_ptr<RpcServer>> server =
//       RpcServer::Start(pipeline, *BindAll(addresses), options);
//   (*server)->addresses();   // "127.0.0.1:8001", with the real port
//   ...
//   pipeline.Drain();
//   (*server)->Stop();        // once no request is under way any more
//
// Connections are taken by our own Listener, for gRPC has no bound for them.
// Beside the protocol's service it has gRPC's reflection and channelz, which
// are gRPC's own code: few streams of them are served at a time.
//
// Thread-safety: Stop by the owner.
// Ownership: borrows the pipeline, the clock and the health board, which
// outlive it; owns the sockets.
// Failure: Start says what is wrong. Stop waits for the calls, and cancels
// those that their clients keep open; a request that is never answered keeps it
// for ever.
#ifndef WEIR_SERVER_RPC_RPC_SERVER_H_
#define WEIR_SERVER_RPC_RPC_SERVER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "server/listen/bound_socket.h"
#include "server/pipeline/health_board.h"
#include "server/pipeline/pipeline.h"
#include "sync/clock.h"

namespace weir {

class RpcServer {
 public:
  struct Options {
    LimitsConfig limits = {};
    // What accepted requests may hold: queue.total_bytes_max. About as much
    // again may be held of messages that have not come to their end; beyond it
    // gRPC gives up some of them, while it reads on.
    int64_t accepted_bytes_max = QueueConfig{}.total_bytes_max;
    // How long Stop waits for calls that are still open.
    std::chrono::milliseconds stop_time_max = std::chrono::seconds(5);
    // Whether every model can answer now.
    std::function<bool()> is_ready;
    HealthBoard* health = nullptr;  // borrowed; REQUIRED
    std::function<void(const std::string& sentence)> warn;
  };

  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(
      Pipeline& pipeline, const Clock& clock, std::vector<BoundSocket> sockets,
      const Options& options);
  ~RpcServer();
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  // Where it listens, with the real ports.
  const std::vector<std::string>& addresses() const;

  // Takes no more connections, closes the health board, waits for the calls for
  // a while, and ends.
  void Stop();

 private:
  // Keeps gRPC's headers from those who put the daemon together.
  struct Parts;

  explicit RpcServer(std::unique_ptr<Parts> parts);

  const std::unique_ptr<Parts> parts_;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_RPC_SERVER_H_
