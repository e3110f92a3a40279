// The parameters of a request and of its tensors: few are served, and any other
// is refused by its name, so that no client believes in what does not happen.
//
//   absl::Status status = ReadParameters(message.parameters(), call);
//   // parameter "sequence_id" is not supported
//
// `priority` is 0, the default, or 1 to 9, the highest first; `timeout` is in
// microseconds, 0 for none. `triton_enable_empty_final_response` has no effect:
// load tools send it always. Nor has an input's `binary_data_size`: kserve's
// client sends it with all raw data, which its shape must agree with anyway.
//
// Thread-safety: pure functions.
// Ownership: none.
// Failure: INVALID_ARGUMENT. Of several faults the one of the first name in the
// alphabet is told, for the map has no order.
#ifndef WEIR_SERVER_RPC_WIRE_INFER_PARAMETERS_H_
#define WEIR_SERVER_RPC_WIRE_INFER_PARAMETERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "inference/grpc_service.pb.h"
#include "server/rpc/wire/infer_call.h"

namespace weir {

using ParameterMap =
    google::protobuf::Map<std::string, inference::InferParameter>;

// Sets the call's priority and timeout.
absl::Status ReadParameters(const ParameterMap& parameters, InferCall& call);

// OK where there is none that could have an effect.
absl::Status RefuseInputParameters(const std::string& input,
                                   const ParameterMap& parameters);
absl::Status RefuseOutputParameters(const std::string& output,
                                    const ParameterMap& parameters);

}  // namespace weir

#endif  // WEIR_SERVER_RPC_WIRE_INFER_PARAMETERS_H_
