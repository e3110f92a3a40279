// InferenceService: the Open Inference Protocol over a pipeline.
//
//   InferenceService service(pipeline, config.limits, clock, is_ready);
//   builder.RegisterService(&service);
//
// ModelInfer answers when its model has run (InferReactor). The others answer
// at once, on gRPC's thread. What is missing here is not served
// (UnservedMethods).
//
// Thread-safety: as gRPC calls it.
// Ownership: borrows all that it is given, which outlives the server's last
// call.
// Failure: statuses, as the contract has them.
#ifndef WEIR_SERVER_RPC_INFERENCE_SERVICE_H_
#define WEIR_SERVER_RPC_INFERENCE_SERVICE_H_

#include <functional>

#include "config/config.h"
#include "inference/grpc_service.pb.h"
#include "server/pipeline/pipeline.h"
#include "server/rpc/infer_reactor.h"
#include "server/rpc/raw_service.h"
#include "sync/clock.h"

namespace weir {

class InferenceService final : public RawService {
 public:
  using IsReady = std::function<bool()>;

  InferenceService(Pipeline& pipeline, const LimitsConfig& limits,
                   const Clock& clock, OpenCalls& calls, IsReady is_ready);

  absl::Status ServerLive(const inference::ServerLiveRequest& request,
                          inference::ServerLiveResponse& response) const;
  absl::Status ServerReady(const inference::ServerReadyRequest& request,
                           inference::ServerReadyResponse& response) const;
  absl::Status ServerMetadata(
      const inference::ServerMetadataRequest& request,
      inference::ServerMetadataResponse& response) const;
  absl::Status ModelReady(const inference::ModelReadyRequest& request,
                          inference::ModelReadyResponse& response) const;
  absl::Status ModelMetadata(const inference::ModelMetadataRequest& request,
                             inference::ModelMetadataResponse& response) const;
  absl::Status ModelConfig(const inference::ModelConfigRequest& request,
                           inference::ModelConfigResponse& response) const;
  absl::Status ModelStatistics(
      const inference::ModelStatisticsRequest& request,
      inference::ModelStatisticsResponse& response) const;
  grpc::ServerUnaryReactor* ModelInfer(Context* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) const;

 private:
  absl::StatusOr<ModelHandle> Find(const std::string& name,
                                   const std::string& version) const;

  const Pipeline& pipeline_;
  const ModelStore& store_;
  const LimitsConfig limits_;
  const IsReady is_ready_;
  const InferEdge edge_;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_INFERENCE_SERVICE_H_
