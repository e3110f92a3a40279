#include "server/rpc/inference_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/rpc/call_status.h"
#include "server/rpc/model_facts.h"
#include "server/rpc/requested_version.h"

namespace weir {
namespace {

grpc::ServerUnaryReactor* Done(grpc::CallbackServerContext& context,
                               const absl::Status& status = absl::OkStatus()) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  reactor->Finish(status.ok() ? grpc::Status::OK : CallStatusOf(status).status);
  return reactor;
}

// What is ready of a model, in ascending order.
std::vector<std::string> ReadyVersions(const ModelStore& store,
                                       const std::string& name) {
  std::vector<std::string> versions;
  for (const ModelStore::Row& row : store.List()) {
    if (row.model != name || row.state != ModelState::kReady) continue;
    versions.push_back(absl::StrCat(row.version));
  }
  return versions;
}

}  // namespace

InferenceService::InferenceService(Pipeline& pipeline,
                                   const LimitsConfig& limits,
                                   const Clock& clock, IsReady is_ready)
    : store_(pipeline.store()),
      limits_(limits),
      is_ready_(std::move(is_ready)),
      edge_{pipeline.admission(), pipeline.ledger(), limits_, clock} {}

absl::StatusOr<ModelHandle> InferenceService::Find(
    const std::string& name, const std::string& version) const {
  const std::optional<int64_t> number = RequestedVersion(version);
  if (!number.has_value()) {
    return absl::InvalidArgumentError(
        "a model's version is a decimal number, or empty for the newest");
  }
  return store_.Find(name, *number);
}

grpc::ServerUnaryReactor* InferenceService::ServerLive(
    Context* context, const inference::ServerLiveRequest*,
    inference::ServerLiveResponse* response) {
  response->set_live(true);
  return Done(*context);
}

grpc::ServerUnaryReactor* InferenceService::ServerReady(
    Context* context, const inference::ServerReadyRequest*,
    inference::ServerReadyResponse* response) {
  response->set_ready(is_ready_());
  return Done(*context);
}

grpc::ServerUnaryReactor* InferenceService::ServerMetadata(
    Context* context, const inference::ServerMetadataRequest*,
    inference::ServerMetadataResponse* response) {
  response->set_name("weir");
  response->set_version(WEIR_VERSION);
  response->add_extensions("model_configuration");
  return Done(*context);
}

grpc::ServerUnaryReactor* InferenceService::ModelReady(
    Context* context, const inference::ModelReadyRequest* request,
    inference::ModelReadyResponse* response) {
  response->set_ready(Find(request->name(), request->version()).ok());
  return Done(*context);
}

grpc::ServerUnaryReactor* InferenceService::ModelMetadata(
    Context* context, const inference::ModelMetadataRequest* request,
    inference::ModelMetadataResponse* response) {
  const absl::StatusOr<ModelHandle> model =
      Find(request->name(), request->version());
  if (!model.ok()) return Done(*context, model.status());
  FillMetadata(**model, ReadyVersions(store_, request->name()), *response);
  return Done(*context);
}

grpc::ServerUnaryReactor* InferenceService::ModelConfig(
    Context* context, const inference::ModelConfigRequest* request,
    inference::ModelConfigResponse* response) {
  const absl::StatusOr<ModelHandle> model =
      Find(request->name(), request->version());
  if (!model.ok()) return Done(*context, model.status());
  FillConfig(**model, *response->mutable_config());
  return Done(*context);
}

grpc::ServerUnaryReactor* InferenceService::ModelInfer(
    Context* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) {
  // Owns itself: gRPC says when it is done.
  auto* reactor = new InferReactor(*context, *response, edge_);
  reactor->Start(*request);
  return reactor;
}

}  // namespace weir
