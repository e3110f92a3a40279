#include "server/rpc/rpc_server.h"

#include <algorithm>
#include <chrono>
#include <climits>
#include <utility>

#include "config/status_macros.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/grpc.h"
#include "grpc/support/log.h"
#include "grpcpp/ext/channelz_service_plugin.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "server/listen/listener.h"
#include "server/rpc/health_service.h"
#include "server/rpc/inference_service.h"
#include "server/rpc/open_calls.h"
#include "server/rpc/unserved_methods.h"
#include "sync/check.h"

namespace weir {
namespace {

using Acceptor = grpc::experimental::ExternalConnectionAcceptor;
using AcceptorType =
    grpc::ServerBuilder::experimental_type::ExternalConnectionType;

// Clients may ask whether we are there as often as this.
constexpr int kPingIntervalMinMs = 10'000;
constexpr int kHeaderBytesMax = 16 * 1024;
// There is always room for so many of the largest messages.
constexpr int64_t kMessagesMin = 4;
// Reflection keeps a thread for each of its streams.
constexpr int kReflectionThreadsMax = 4;

int Milliseconds(Duration duration) {
  return static_cast<int>(
      std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

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
  // A peer that is gone is noticed within the sum of the two.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                             Milliseconds(limits.keepalive_interval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             Milliseconds(limits.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      kPingIntervalMinMs);
}

// Both libraries write to standard error what clients can bring about as often
// as they like, such as a line for each text that is not UTF-8. The log is for
// what an operator acts on; the client is told by its status.
void SilenceLibraries() {
  google::protobuf::SetLogHandler(nullptr);
  gpr_set_log_function([](gpr_log_func_args*) {});
}

// gRPC with connections that somebody else takes.
std::shared_ptr<Acceptor> AddAcceptor(grpc::ServerBuilder& builder) {
  return std::shared_ptr<Acceptor>(
      builder.experimental().AddExternalConnectionAcceptor(
          AcceptorType::FROM_FD, grpc::InsecureServerCredentials()));
}

void HandOver(Acceptor& acceptor, Descriptor connection) {
  Acceptor::NewConnectionParameters taken;
  taken.listener_fd = -1;
  taken.fd = connection.Release();
  acceptor.HandleNewConnection(&taken);
}

// Memory for what is received. gRPC keeps to it in arrears: once it holds more,
// it ends calls and lets connections go until it holds less.
void SetQuota(grpc::ServerBuilder& builder, const RpcServer::Options& options) {
  const int64_t accepted = options.accepted_bytes_max;
  const int64_t unfinished =
      std::max(accepted, kMessagesMin * options.limits.message_bytes_max);
  grpc::ResourceQuota quota("weir");
  quota.Resize(static_cast<size_t>(accepted + unfinished));
  quota.SetMaxThreads(kReflectionThreadsMax);
  builder.SetResourceQuota(quota);
}

// gRPC goes on in this process when its last server is gone. Its shutdown joins
// a thread that it lets wait up to 10 s for a socket, where an answer was
// larger than the socket took at once.
void KeepGrpc() {
  static const bool is_kept = [] {
    grpc_init();
    return true;
  }();
  static_cast<void>(is_kept);
}

// What tools find out of a server: its methods and messages (reflection), its
// connections and calls (channelz). Servers that are built from now on have it;
// saying so twice changes nothing.
void ServeIntrospection() {
  static const bool is_served = [] {
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::channelz::experimental::InitChannelzService();
    return true;
  }();
  static_cast<void>(is_served);
}

}  // namespace

struct RpcServer::Parts {
  Parts(Pipeline& pipeline, const Clock& clock, const Options& options)
      : stop_time_max(options.stop_time_max),
        service(pipeline, options.limits, clock, calls, options.is_ready),
        board(*options.health),
        health(board, calls) {}

  const std::chrono::milliseconds stop_time_max;
  OpenCalls calls;
  InferenceService service;
  UnservedMethods unserved;
  HealthBoard& board;
  HealthService health;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<Listener> listener;
};

RpcServer::RpcServer(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RpcServer::~RpcServer() { Stop(); }

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(
    Pipeline& pipeline, const Clock& clock, std::vector<BoundSocket> sockets,
    const Options& options) {
  WEIR_CHECK(options.health != nullptr, "a server has a health board");
  KeepGrpc();
  SilenceLibraries();
  ServeIntrospection();
  auto parts = std::make_unique<Parts>(pipeline, clock, options);
  grpc::ServerBuilder builder;
  SetLimits(builder, options);
  SetQuota(builder, options);
  builder.RegisterService(&parts->service);
  builder.RegisterService(&parts->health);
  builder.RegisterCallbackGenericService(&parts->unserved);
  const std::shared_ptr<Acceptor> acceptor = AddAcceptor(builder);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr) {
    return absl::InternalError("gRPC's server does not start");
  }
  std::unique_ptr<RpcServer> rpc(new RpcServer(std::move(parts)));
  WEIR_ASSIGN_OR_RETURN(
      rpc->parts_->listener,
      Listener::Start(std::move(sockets),
                      {.connections_max = options.limits.connections_max,
                       .take =
                           [acceptor](Descriptor connection) {
                             HandOver(*acceptor, std::move(connection));
                           },
                       .warn = options.warn}));
  return rpc;
}

const std::vector<std::string>& RpcServer::addresses() const {
  return parts_->listener->addresses();
}

void RpcServer::Stop() {
  Parts& parts = *parts_;
  if (parts.listener != nullptr) parts.listener->Stop();
  // A watch is a call that no client ends.
  parts.board.Close();
  const auto deadline = std::chrono::system_clock::now() + parts.stop_time_max;
  // gRPC cancels a call that comes during its Shutdown, and CANCELLED is what
  // clients do not try again. A connection that ends is UNAVAILABLE to them.
  parts.calls.AwaitEarlier(std::chrono::steady_clock::now() +
                           parts.stop_time_max);
  if (parts.listener != nullptr) parts.listener->EndConnections();
  // Not only for our own calls: a client may never send the rest of a message.
  parts.server->Shutdown(deadline);
}

}  // namespace weir
