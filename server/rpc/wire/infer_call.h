// InferCall: what a client asks for, out of the bytes of its ModelInferRequest.
//
//   absl::StatusOr<InferCall> call =
//       DecodeInferCall(chunks, holder, config.limits);
//   request->inputs = std::move(call->inputs);
//
// Everything that can be known without the model is checked, and before memory
// is taken for it. Raw tensor data stays where it arrived: the tensors are
// views into the chunks and share the owner.
//
// Thread-safety: a pure function.
// Ownership: the call's raw tensors share `owner`, which keeps the chunks
// alive; all else it holds is its own.
// Failure: INVALID_ARGUMENT, with a sentence in which a client's text is
// escaped and cut.
#ifndef WEIR_SERVER_RPC_WIRE_INFER_CALL_H_
#define WEIR_SERVER_RPC_WIRE_INFER_CALL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backend/tensor.h"
#include "config/config.h"
#include "server/pipeline/request.h"
#include "sync/clock.h"

namespace weir {

// Bytes in the id that a client gives its request.
inline constexpr size_t kIdBytesMax = 1024;

struct InferCall {
  std::string model_name;
  std::string model_version;  // as sent; empty for the newest
  std::string id;
  std::vector<NamedTensor> inputs;
  // The outputs wanted, in the order wanted; none for all.
  std::vector<std::string> outputs;
  int priority = kPriorityDefault;
  // How long the client will wait at most, where it says so by a parameter.
  std::optional<Duration> timeout;
  // Equal for two requests that may run together. Empty: no parameter that is
  // served changes what a run computes.
  std::string parameters;
  // What the call keeps in memory: the message, and the tensors beside it.
  int64_t bytes = 0;
};

absl::StatusOr<InferCall> DecodeInferCall(
    absl::Span<const Chunk> message, const std::shared_ptr<const void>& owner,
    const LimitsConfig& limits);

}  // namespace weir

#endif  // WEIR_SERVER_RPC_WIRE_INFER_CALL_H_
