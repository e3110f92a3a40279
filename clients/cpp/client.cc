#include "clients/cpp/client.h"

#include <limits>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/async_infer.h"
#include "clients/cpp/infer_message.h"
#include "grpc/support/time.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "inference/grpc_service.grpc.pb.h"

namespace weir {
namespace {

using Stub = inference::GRPCInferenceService::Stub;

constexpr char kPushback[] = "grpc-retry-pushback-ms";
// The key under which a status keeps it.
constexpr char kPushbackPayload[] = "weir/grpc-retry-pushback-ms";

absl::Status CheckTimeout(std::chrono::nanoseconds timeout) {
  if (timeout > std::chrono::nanoseconds::zero()) return absl::OkStatus();
  return absl::InvalidArgumentError("a timeout is above 0");
}

// What a call has ended with. The codes of both are the same numbers.
absl::Status StatusOf(const grpc::Status& ended,
                      const grpc::ClientContext& context) {
  absl::Status status(static_cast<absl::StatusCode>(ended.error_code()),
                      ended.error_message());
  if (status.ok()) return status;
  const auto& trailers = context.GetServerTrailingMetadata();
  if (const auto found = trailers.find(kPushback); found != trailers.end()) {
    status.SetPayload(kPushbackPayload,
                      absl::Cord(absl::string_view(found->second.data(),
                                                   found->second.size())));
  }
  return status;
}

// By the clock that nobody sets.
void SetTimeout(std::chrono::nanoseconds timeout,
                grpc::ClientContext& context) {
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                   gpr_time_from_nanos(timeout.count(), GPR_TIMESPAN)));
}

// Calls back. What the callback holds goes with its run, on its thread.
void Finish(const grpc::Status& ended, AsyncInfer& call) {
  const Client::InferCallback done = std::exchange(call.done, nullptr);
  if (absl::Status status = StatusOf(ended, call.context); !status.ok()) {
    done(std::move(status));
  } else {
    done(ResultOf(std::move(call.response)));
  }
}

template <typename Tensors>
std::vector<TensorMetadata> TensorsOf(const Tensors& described) {
  std::vector<TensorMetadata> tensors;
  for (const auto& tensor : described) {
    tensors.push_back(
        {.name = tensor.name(),
         .datatype = tensor.datatype(),
         .shape = {tensor.shape().begin(), tensor.shape().end()}});
  }
  return tensors;
}

}  // namespace

std::optional<std::chrono::milliseconds> RetryAfter(
    const absl::Status& status) {
  const absl::optional<absl::Cord> pushback =
      status.GetPayload(kPushbackPayload);
  if (!pushback.has_value()) return std::nullopt;
  int64_t milliseconds = 0;
  // By gRPC's rule what is no number asks not to be tried again.
  if (!absl::SimpleAtoi(std::string(*pushback), &milliseconds) ||
      milliseconds < 0) {
    return std::chrono::milliseconds(-1);
  }
  return std::chrono::milliseconds(milliseconds);
}

struct Client::Connection {
  ClientOptions options;
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<Stub> stub;
  std::shared_ptr<CallCount> calls = std::make_shared<CallCount>();

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  // gRPC's channel must not go on a thread that runs callbacks: it joins them.
  ~Connection() { calls->AwaitNone(); }

  template <typename Request, typename Response>
  absl::Status Call(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                 const Request&, Response*),
                    const Request& request, Response& response,
                    Timeout timeout) const {
    const std::chrono::nanoseconds within = timeout.value_or(options.timeout);
    if (absl::Status status = CheckTimeout(within); !status.ok()) return status;
    grpc::ClientContext context;
    SetTimeout(within, context);
    return StatusOf(((*stub).*method)(&context, request, &response), context);
  }
};

absl::StatusOr<Client> Client::Connect(const std::string& address,
                                       const ClientOptions& options) {
  if (absl::Status status = CheckTimeout(options.timeout); !status.ok()) {
    return status;
  }
  if (options.message_bytes_max < 1 ||
      options.message_bytes_max > std::numeric_limits<int>::max()) {
    return absl::InvalidArgumentError(
        absl::StrCat("message_bytes_max is 1 to 2 GiB - 1, not ",
                     options.message_bytes_max));
  }
  const auto message_bytes_max = static_cast<int>(options.message_bytes_max);
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(message_bytes_max);
  arguments.SetMaxSendMessageSize(message_bytes_max);
  // A proxy of the environment is rarely meant for tensors.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Else gRPC gives all clients of a process one connection.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  auto connection = std::make_shared<Connection>();
  connection->options = options;
  connection->channel = grpc::CreateCustomChannel(
      address, grpc::InsecureChannelCredentials(), arguments);
  connection->stub =
      inference::GRPCInferenceService::NewStub(connection->channel);
  return Client(std::move(connection));
}

absl::StatusOr<InferResult> Client::Infer(InferRequest request) const {
  const Timeout timeout = request.timeout;
  absl::StatusOr<inference::ModelInferRequest> message =
      MessageOf(std::move(request));
  if (!message.ok()) return message.status();
  inference::ModelInferResponse response;
  absl::Status status =
      connection_->Call(&Stub::ModelInfer, *message, response, timeout);
  if (!status.ok()) return status;
  return ResultOf(std::move(response));
}

PendingInfer Client::InferAsync(InferRequest request,
                                InferCallback done) const {
  const std::chrono::nanoseconds timeout =
      request.timeout.value_or(connection_->options.timeout);
  const absl::Status sendable = CheckTimeout(timeout);
  absl::StatusOr<inference::ModelInferRequest> message =
      sendable.ok() ? MessageOf(std::move(request)) : sendable;
  if (!message.ok()) {
    done(message.status());
    return {};
  }
  auto call = std::make_shared<AsyncInfer>(connection_->calls);
  call->request = *std::move(message);
  call->done = std::move(done);
  SetTimeout(timeout, call->context);
  connection_->stub->async()->ModelInfer(
      &call->context, &call->request, &call->response,
      // gRPC runs it once, whatever becomes of the call.
      [call](const grpc::Status& ended) mutable {
        Finish(ended, *call);
        call.reset();
      });
  return PendingInfer(call);
}

absl::StatusOr<bool> Client::ServerLive(Timeout timeout) const {
  inference::ServerLiveResponse response;
  absl::Status status =
      connection_->Call(&Stub::ServerLive, {}, response, timeout);
  if (!status.ok()) return status;
  return response.live();
}

absl::StatusOr<bool> Client::ServerReady(Timeout timeout) const {
  inference::ServerReadyResponse response;
  absl::Status status =
      connection_->Call(&Stub::ServerReady, {}, response, timeout);
  if (!status.ok()) return status;
  return response.ready();
}

absl::StatusOr<bool> Client::ModelReady(const std::string& model,
                                        const std::string& version,
                                        Timeout timeout) const {
  inference::ModelReadyRequest request;
  request.set_name(model);
  request.set_version(version);
  inference::ModelReadyResponse response;
  absl::Status status =
      connection_->Call(&Stub::ModelReady, request, response, timeout);
  if (!status.ok()) return status;
  return response.ready();
}

absl::StatusOr<ServerMetadata> Client::GetServerMetadata(
    Timeout timeout) const {
  inference::ServerMetadataResponse response;
  absl::Status status =
      connection_->Call(&Stub::ServerMetadata, {}, response, timeout);
  if (!status.ok()) return status;
  return ServerMetadata{.name = response.name(),
                        .version = response.version(),
                        .extensions = {response.extensions().begin(),
                                       response.extensions().end()}};
}

absl::StatusOr<ModelMetadata> Client::GetModelMetadata(
    const std::string& model, const std::string& version,
    Timeout timeout) const {
  inference::ModelMetadataRequest request;
  request.set_name(model);
  request.set_version(version);
  inference::ModelMetadataResponse response;
  absl::Status status =
      connection_->Call(&Stub::ModelMetadata, request, response, timeout);
  if (!status.ok()) return status;
  return ModelMetadata{
      .name = response.name(),
      .versions = {response.versions().begin(), response.versions().end()},
      .platform = response.platform(),
      .inputs = TensorsOf(response.inputs()),
      .outputs = TensorsOf(response.outputs()),
      .properties = {response.properties().begin(),
                     response.properties().end()}};
}

absl::StatusOr<ServedModelConfig> Client::GetModelConfig(
    const std::string& model, const std::string& version,
    Timeout timeout) const {
  inference::ModelConfigRequest request;
  request.set_name(model);
  request.set_version(version);
  inference::ModelConfigResponse response;
  absl::Status status =
      connection_->Call(&Stub::ModelConfig, request, response, timeout);
  if (!status.ok()) return status;
  return ServedModelConfig{.name = response.config().name(),
                           .platform = response.config().platform(),
                           .rows_max = response.config().max_batch_size()};
}

bool Client::IsConnected() const {
  return connection_->channel->GetState(/*try_to_connect=*/false) ==
         GRPC_CHANNEL_READY;
}

}  // namespace weir
