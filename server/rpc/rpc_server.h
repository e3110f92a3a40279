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
//
// Thread-safety: Stop by the owner.
// Ownership: borrows the pipeline and the clock, which outlive it; owns the
// sockets.
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
#include "grpcpp/server.h"
#include "server/listen/bound_socket.h"
#include "server/listen/listener.h"
#include "server/pipeline/pipeline.h"
#include "server/rpc/inference_service.h"
#include "server/rpc/unserved_methods.h"
#include "sync/clock.h"

namespace weir {

class RpcServer {
 public:
  struct Options {
    LimitsConfig limits = {};
    // How long Stop waits for calls that are still open.
    std::chrono::milliseconds stop_time_max = std::chrono::seconds(5);
    InferenceService::IsReady is_ready;
    std::function<void(const std::string& sentence)> warn;
  };

  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(
      Pipeline& pipeline, const Clock& clock, std::vector<BoundSocket> sockets,
      const Options& options);
  ~RpcServer() { Stop(); }
  RpcServer(const RpcServer&) = delete;
  RpcServer& operator=(const RpcServer&) = delete;

  const std::vector<std::string>& addresses() const {
    return listener_->addresses();
  }

  // Takes no more connections, waits for the calls for a while, and ends.
  void Stop();

 private:
  RpcServer(Pipeline& pipeline, const Clock& clock, const Options& options)
      : stop_time_max_(options.stop_time_max),
        service_(pipeline, options.limits, clock, options.is_ready) {}

  const std::chrono::milliseconds stop_time_max_;
  InferenceService service_;
  UnservedMethods unserved_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_RPC_SERVER_H_
