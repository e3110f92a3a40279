// What ModelStatistics tells of a version: Triton's sums out of ours.
//
//   FillStatistics(*handle, clock.Now(), *response.add_model_stats());
//
// Gathering is compute_input, a run compute_infer, encoding compute_output. A
// run has no compute_output of its own: its answers are encoded one by one.
//
// Thread-safety: a function of its arguments.
// Ownership: none.
// Failure: none.
#ifndef WEIR_SERVER_RPC_MODEL_STATISTICS_H_
#define WEIR_SERVER_RPC_MODEL_STATISTICS_H_

#include "inference/grpc_service.pb.h"
#include "server/pipeline/model_version.h"
#include "sync/clock.h"

namespace weir {

// `now` is the time of the clock that the statistics were counted by.
void FillStatistics(const ModelVersion& model, TimePoint now,
                    inference::ModelStatistics& statistics);

}  // namespace weir

#endif  // WEIR_SERVER_RPC_MODEL_STATISTICS_H_
