#include "server/rpc/rpc_server.h"

#include <chrono>
#include <climits>
#include <utility>

#include "config/status_macros.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "sync/check.h"

namespace weir {
namespace {

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
using AcceptorType =
    grpc::ServerBuilder::experimental_type::ExternalConnectionType;

// A peer that is gone is noticed within the sum of the two.
constexpr int kKeepaliveMs = 30'000;
constexpr int kKeepaliveTimeoutMs = 10'000;
// Clients may ask whether we are there as often as this.
constexpr int kPingIntervalMinMs = 10'000;
constexpr int kHeaderBytesMax = 16 * 1024;

void SetLimits(grpc::ServerBuilder& builder,
               const RpcServer::Options& options) {
  const LimitsConfig& limits = options.limits;
  WEIR_CHECK(
      limits.message_bytes_max > 0 && limits.message_bytes_max <= INT_MAX,
      "a message's bound is one that gRPC can keep");
  // gRPC would inflate first and look at the size then (ReceivedMessage).
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetMaxReceiveMessageSize(static_cast<int>(limits.message_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             limits.streams_per_connection_max);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kHeaderBytesMax);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kPingIntervalMinMs);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(
    Pipeline& pipeline, const Clock& clock, std::vector<BoundSocket> sockets,
    const Options& options) {
  std::unique_ptr<RpcServer> rpc(new RpcServer(pipeline, clock, options));
  grpc::ServerBuilder builder;
  SetLimits(builder, options);
  builder.RegisterService(&rpc->service_);
  builder.RegisterCallbackGenericService(&rpc->unserved_);
  const std::shared_ptr<Acceptor> acceptor(
      builder.experimental().AddExternalConnectionAcceptor(
          AcceptorType::FROM_FD, grpc::InsecureServerCredentials()));
  rpc->server_ = builder.BuildAndStart();
  if (rpc->server_ == nullptr) {
    return absl::InternalError("gRPC's server does not start");
  }
  const auto take = [acceptor](Descriptor connection) {
    Acceptor::NewConnectionParameters taken;
    taken.listener_fd = -1;
    taken.fd = connection.Release();
    acceptor->HandleNewConnection(&taken);
  };
  WEIR_ASSIGN_OR_RETURN(
      rpc->listener_,
      Listener::Start(std::move(sockets),
                      {.connections_max = options.limits.connections_max,
                       .take = take,
                       .warn = options.warn}));
  return rpc;
}

void RpcServer::Stop() {
  if (listener_ != nullptr) listener_->Stop();
  // Not only for our own calls: a client may never send the rest of a message.
  if (server_ != nullptr) {
    server_->Shutdown(std::chrono::system_clock::now() + stop_time_max_);
  }
}

}  // namespace weir
