// What a request may bring to a model, and what a model may answer with.
//
//   absl::Status fits = CheckInputs(*model, limits, *request);
//   // INVALID_ARGUMENT: input "x": expected FP32 [-1,256], got FP64 [4,256]
//
// Thread-safety: pure functions.
// Ownership: borrow their arguments.
// Failure: INVALID_ARGUMENT for a request, INTERNAL for a model's outputs. The
// texts hold names as declared; a name that a client sent is escaped and cut.
#ifndef WEIR_SERVER_PIPELINE_TENSOR_CHECK_H_
#define WEIR_SERVER_PIPELINE_TENSOR_CHECK_H_

#include <string>

#include "absl/status/status.h"
#include "backend/model.h"
#include "config/config.h"
#include "server/pipeline/model_version.h"
#include "server/pipeline/request.h"

namespace weir {

// Checks the inputs against the model's signature and brings them into its
// order; sets the request's rows and batch key. Nothing is allocated by the
// sizes that a client claims.
absl::Status CheckInputs(const ModelVersion& model, const LimitsConfig& limits,
                         Request& request);

// Checks what a run of `rows` rows returned. `is_split`: several requests share
// it, so that each output must be dense and hold the rows in dimension 0.
absl::Status CheckOutputs(const ModelVersion& model, int64_t rows,
                          bool is_split, const Outputs& outputs);

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_TENSOR_CHECK_H_
