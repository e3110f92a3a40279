// CheckConsistency: the rules that hold between fields, where each alone may be
// in its bounds.
//
//   WEIR_RETURN_IF_ERROR(CheckConsistency(config, origins));
//
// Config: one model's queue is not larger than that of all; no device is listed
// twice; auto stands alone.
// ModelConfig: the devices likewise; no two inputs, and no two outputs, have
// the same name; values are for integer inputs; dimension 0 is the batch, hence
// -1, where there is one; warm-up runs fit the batch.
//
// Thread-safety: any thread.
// Ownership: none.
// Failure: InvalidArgument, a line for each fault: the place of the value that
// was set, and what contradicts it.
#ifndef WEIR_CONFIG_CONSISTENCY_H_
#define WEIR_CONFIG_CONSISTENCY_H_

#include "absl/status/status.h"
#include "config/config.h"
#include "config/model_config.h"
#include "config/yaml_reader.h"

namespace weir {

absl::Status CheckConsistency(const Config& config, const Origins& origins);
absl::Status CheckConsistency(const ModelConfig& model, const Origins& origins);

}  // namespace weir

#endif  // WEIR_CONFIG_CONSISTENCY_H_
