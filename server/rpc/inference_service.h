// InferenceService: the Open Inference Protocol over a pipeline.
//
//   InferenceService service(pipeline, config.limits, clock, is_ready);
//   builder.RegisterService(&service);
//
// ModelInfer takes its message as bytes (InferReactor). The others answer at
// once, on gRPC's thread.
//
// Thread-safety: as gRPC calls it.
// Ownership: borrows all that it is given, which outlives the server's last
// call.
// Failure: statuses, as the contract has them.
#ifndef WEIR_SERVER_RPC_INFERENCE_SERVICE_H_
#define WEIR_SERVER_RPC_INFERENCE_SERVICE_H_

#include <functional>

#include "config/config.h"
#include "server/pipeline/pipeline.h"
#include "server/rpc/infer_reactor.h"
#include "server/rpc/unserved_methods.h"
#include "sync/clock.h"

namespace weir {

class InferenceService final : public UnservedMethods {
 public:
  using IsReady = std::function<bool()>;

  InferenceService(Pipeline& pipeline, const LimitsConfig& limits,
                   const Clock& clock, IsReady is_ready);

  grpc::ServerUnaryReactor* ServerLive(
      Context* context, const inference::ServerLiveRequest* request,
      inference::ServerLiveResponse* response) override;
  grpc::ServerUnaryReactor* ServerReady(
      Context* context, const inference::ServerReadyRequest* request,
      inference::ServerReadyResponse* response) override;
  grpc::ServerUnaryReactor* ServerMetadata(
      Context* context, const inference::ServerMetadataRequest* request,
      inference::ServerMetadataResponse* response) override;
  grpc::ServerUnaryReactor* ModelReady(
      Context* context, const inference::ModelReadyRequest* request,
      inference::ModelReadyResponse* response) override;
  grpc::ServerUnaryReactor* ModelMetadata(
      Context* context, const inference::ModelMetadataRequest* request,
      inference::ModelMetadataResponse* response) override;
  grpc::ServerUnaryReactor* ModelConfig(
      Context* context, const inference::ModelConfigRequest* request,
      inference::ModelConfigResponse* response) override;
  grpc::ServerUnaryReactor* ModelInfer(Context* context,
                                       const grpc::ByteBuffer* request,
                                       grpc::ByteBuffer* response) override;

 private:
  absl::StatusOr<ModelHandle> Find(const std::string& name,
                                   const std::string& version) const;

  const ModelStore& store_;
  const LimitsConfig limits_;
  const IsReady is_ready_;
  const InferEdge edge_;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_INFERENCE_SERVICE_H_
