// PrepareInputs: the tensors that a model is asked with, out of what it takes
// and what was given.
//
//   WEIR_ASSIGN_OR_RETURN(PreparedInputs prepared,
//                         PrepareInputs(metadata.inputs, plan.inputs));
//   for (const std::string& note : prepared.notes) ...   // for standard error
//
// An input that is left out is filled at random, with 1 for each variable
// dimension, and a note says so. Random is the same each time: floats from -1
// to 1, integers from 0 to 9, which the tables of most models have, and short
// texts.
//
// Thread-safety: reads files, no state.
// Ownership: values.
// Failure: INVALID_ARGUMENT or NOT_FOUND, which names the input and says what
// the model takes.
#ifndef WEIR_CLI_INFER_INPUTS_H_
#define WEIR_CLI_INFER_INPUTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/infer_plan.h"
#include "clients/cpp/metadata.h"
#include "clients/cpp/tensor.h"

namespace weir {

struct PreparedInputs {
  std::vector<InferTensor> tensors = {};
  std::vector<std::string> notes = {};
};

absl::StatusOr<PreparedInputs> PrepareInputs(
    const std::vector<TensorMetadata>& declared,
    const std::vector<InputSource>& given);

}  // namespace weir

#endif  // WEIR_CLI_INFER_INPUTS_H_
