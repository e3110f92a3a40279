#include "server/rpc/inference_service.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "config/status_macros.h"
#include "server/rpc/model_facts.h"
#include "server/rpc/model_statistics.h"
#include "server/rpc/requested_version.h"

namespace weir {
namespace {

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
                                   const Clock& clock, OpenCalls& calls,
                                   IsReady is_ready)
    : pipeline_(pipeline),
      store_(pipeline.store()),
      limits_(limits),
      is_ready_(std::move(is_ready)),
      edge_{pipeline.admission(),
            pipeline.ledger(),
            limits_,
            clock,
            pipeline.metrics().process(),
            calls} {
  ServeSmall("/inference.GRPCInferenceService/ServerLive",
             &InferenceService::ServerLive);
  ServeSmall("/inference.GRPCInferenceService/ServerReady",
             &InferenceService::ServerReady);
  ServeSmall("/inference.GRPCInferenceService/ServerMetadata",
             &InferenceService::ServerMetadata);
  ServeSmall("/inference.GRPCInferenceService/ModelReady",
             &InferenceService::ModelReady);
  ServeSmall("/inference.GRPCInferenceService/ModelMetadata",
             &InferenceService::ModelMetadata);
  ServeSmall("/inference.GRPCInferenceService/ModelConfig",
             &InferenceService::ModelConfig);
  ServeSmall("/inference.GRPCInferenceService/ModelStatistics",
             &InferenceService::ModelStatistics);
  Serve("/inference.GRPCInferenceService/ModelInfer",
        [this](Context* context, const grpc::ByteBuffer* request,
               grpc::ByteBuffer* response) {
          return ModelInfer(context, request, response);
        });
}

absl::StatusOr<ModelHandle> InferenceService::Find(
    const std::string& name, const std::string& version) const {
  WEIR_ASSIGN_OR_RETURN(const int64_t number, RequestedVersion(version));
  return store_.Find(name, number);
}

absl::Status InferenceService::ServerLive(
    const inference::ServerLiveRequest&,
    inference::ServerLiveResponse& response) const {
  response.set_live(true);
  return absl::OkStatus();
}

absl::Status InferenceService::ServerReady(
    const inference::ServerReadyRequest&,
    inference::ServerReadyResponse& response) const {
  response.set_ready(is_ready_());
  return absl::OkStatus();
}

absl::Status InferenceService::ServerMetadata(
    const inference::ServerMetadataRequest&,
    inference::ServerMetadataResponse& response) const {
  response.set_name("weir");
  response.set_version(WEIR_VERSION);
  response.add_extensions("model_configuration");
  response.add_extensions("statistics");
  return absl::OkStatus();
}

absl::Status InferenceService::ModelReady(
    const inference::ModelReadyRequest& request,
    inference::ModelReadyResponse& response) const {
  const absl::StatusOr<int64_t> version = RequestedVersion(request.version());
  response.set_ready(version.ok() &&
                     pipeline_.WhyNotReady(request.name(), *version).ok());
  return absl::OkStatus();
}

absl::Status InferenceService::ModelMetadata(
    const inference::ModelMetadataRequest& request,
    inference::ModelMetadataResponse& response) const {
  const absl::StatusOr<ModelHandle> model =
      Find(request.name(), request.version());
  if (!model.ok()) return model.status();
  FillMetadata(**model, ReadyVersions(store_, request.name()), response);
  FillLimits(**model, pipeline_.config(), response);
  return absl::OkStatus();
}

absl::Status InferenceService::ModelConfig(
    const inference::ModelConfigRequest& request,
    inference::ModelConfigResponse& response) const {
  const absl::StatusOr<ModelHandle> model =
      Find(request.name(), request.version());
  if (!model.ok()) return model.status();
  FillConfig(**model, *response.mutable_config());
  return absl::OkStatus();
}

absl::Status InferenceService::ModelStatistics(
    const inference::ModelStatisticsRequest& request,
    inference::ModelStatisticsResponse& response) const {
  if (!request.name().empty()) {
    WEIR_RETURN_IF_ERROR(Find(request.name(), request.version()).status());
  }
  for (const ModelStore::Row& row : store_.List()) {
    if (!request.name().empty() && row.model != request.name()) continue;
    const std::string version = absl::StrCat(row.version);
    if (!request.version().empty() && version != request.version()) continue;
    const absl::StatusOr<ModelHandle> model =
        store_.Find(row.model, row.version);
    if (!model.ok()) continue;  // it is not loaded
    FillStatistics(**model, edge_.clock.Now(), *response.add_model_stats());
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* InferenceService::ModelInfer(
    Context* context, const grpc::ByteBuffer* request,
    grpc::ByteBuffer* response) const {
  // Owns itself: gRPC says when it is done.
  auto* reactor = new InferReactor(*context, *response, edge_);
  reactor->Start(*request);
  return reactor;
}

}  // namespace weir
