// InferMessage: a ModelInferRequest whose tensors still lie where they arrived.
//
//   absl::StatusOr<InferMessage> message = ReadInferMessage(chunks, 256);
//   message->fields.model_name();
//   message->raw[0];  // views into the chunks
//
// Protobuf parses all but raw_input_contents, from a copy. What it would make
// of a small message is bounded beforehand by counting fields: an empty input
// takes two bytes on the wire and a hundred in memory.
//
// Thread-safety: pure functions.
// Ownership: the raw views borrow the chunks' bytes.
// Failure: INVALID_ARGUMENT.
#ifndef WEIR_SERVER_RPC_WIRE_INFER_MESSAGE_H_
#define WEIR_SERVER_RPC_WIRE_INFER_MESSAGE_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "backend/tensor.h"
#include "config/config.h"
#include "inference/grpc_service.pb.h"

namespace weir {

// Outputs that a request may name, and parameters that it may carry.
inline constexpr int kRequestedOutputsMax = 256;
inline constexpr int kParametersMax = 64;
// Bytes of all that is not a tensor's data: names, shapes, parameters, and what
// nobody knows.
inline constexpr size_t kHeaderBytesMax = kMebibyte;
// Elements of all bytes_contents: an empty one takes two bytes on the wire and
// forty in memory.
inline constexpr size_t kBytesContentsMax = size_t{1} << 20;

// What a message is told that is none, here or by protobuf, which also refuses
// text that is not UTF-8.
inline constexpr absl::string_view kMalformedMessage =
    "the message is no well-formed ModelInferRequest";

struct InferMessage {
  inference::ModelInferRequest fields;  // without raw_input_contents
  std::vector<Tensor::Chunks> raw;      // raw_input_contents
};

absl::StatusOr<InferMessage> ReadInferMessage(absl::Span<const Chunk> message,
                                              int inputs_max);

}  // namespace weir

#endif  // WEIR_SERVER_RPC_WIRE_INFER_MESSAGE_H_
