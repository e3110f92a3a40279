// What clients are told of a model: its metadata, and its configuration as
// Triton's tools read it.
//
//   FillMetadata(*handle, versions, *response);
//   FillLimits(*handle, config, *response);
//
// Above a max_batch_size of 0 the metadata's shapes carry the batch dimension,
// -1 first, and the configuration's dims do not.
//
// Thread-safety: functions of their arguments.
// Ownership: none.
// Failure: none.
#ifndef WEIR_SERVER_RPC_MODEL_FACTS_H_
#define WEIR_SERVER_RPC_MODEL_FACTS_H_

#include <string>
#include <vector>

#include "config/config.h"
#include "inference/grpc_service.pb.h"
#include "inference/model_config.pb.h"
#include "server/pipeline/model_version.h"

namespace weir {

// `versions`: those that are ready.
void FillMetadata(const ModelVersion& model,
                  const std::vector<std::string>& versions,
                  inference::ModelMetadataResponse& response);

// The bounds that a request to the model meets, by the keys of docs/limits.md.
void FillLimits(const ModelVersion& model, const Config& config,
                inference::ModelMetadataResponse& response);

void FillConfig(const ModelVersion& model, inference::ModelConfig& config);

}  // namespace weir

#endif  // WEIR_SERVER_RPC_MODEL_FACTS_H_
