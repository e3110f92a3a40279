// RpcRig: a server over the scripted backend, and a client of it, with real
// sockets between them.
//
//   RpcRig rig;
//   rig.backend.Script("m", {.compute = FakeCompute::kAffine, .offset = 1});
//   rig.pipeline.Load({.name = "m"});
//   rig.stub->ModelInfer(&context, request, &response);
//
// Thread-safety: one thread, but for the stub.
// Ownership: owns all of it; calls have ended before it goes.
// Failure: dies where the server cannot be started.
#ifndef WEIR_TESTS_RPC_RPC_RIG_H_
#define WEIR_TESTS_RPC_RPC_RIG_H_

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "backend/fake/fake_backend.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "inference/grpc_service.grpc.pb.h"
#include "server/rpc/rpc_server.h"
#include "sync/clock.h"
#include "tests/support/backend_rig.h"
#include "tests/support/real_pipeline.h"

namespace weir {

struct RpcRig {
  static constexpr int kConnectionsMax = 8;

  explicit RpcRig(
      const Config& config = {},
      std::chrono::milliseconds stop_time_max = std::chrono::milliseconds(100))
      : pipeline(backend, clock,
                 {.device = "fake:0", .slots = 2, .config = config}) {
    pipeline.observer().then = [this] { health.Update(); };
    LimitsConfig limits = config.limits;
    limits.message_bytes_max = kMebibyte;
    limits.connections_max = kConnectionsMax;
    const std::vector<ListenAddress> addresses = {
        OrDie(ListenAddress::Parse("127.0.0.1:0"))};
    server = OrDie(
        RpcServer::Start(pipeline.pipeline(), clock, OrDie(BindAll(addresses)),
                         {.limits = limits,
                          .accepted_bytes_max = config.queue.total_bytes_max,
                          .stop_time_max = stop_time_max,
                          .is_ready = [this] { return is_ready.load(); },
                          .health = &health,
                          .warn = [](const std::string&) {}}));
    stub = NewStub();
  }

  std::unique_ptr<inference::GRPCInferenceService::Stub> NewStub() const {
    return inference::GRPCInferenceService::NewStub(grpc::CreateChannel(
        server->addresses()[0], grpc::InsecureChannelCredentials()));
  }

  absl::Status WhyNotReady(const std::string& service) {
    ++num_looks;
    if (service.size() > longest_name) longest_name = service.size();
    if (!service.empty()) return pipeline.pipeline().WhyNotReady(service, 0);
    return is_ready ? absl::OkStatus() : absl::UnavailableError("not ready");
  }

  RealClock clock;
  FakeBackend backend{{}, clock};
  std::atomic<bool> is_ready = true;
  // Of the health board at services, and the longest name of one.
  std::atomic<int> num_looks = 0;
  std::atomic<size_t> longest_name = 0;
  HealthBoard health{
      [this](const std::string& service) { return WhyNotReady(service); }};
  RealPipeline pipeline;
  std::unique_ptr<RpcServer> server;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub;
};

}  // namespace weir

#endif  // WEIR_TESTS_RPC_RPC_RIG_H_
