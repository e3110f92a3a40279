#include "server/rpc/wire/infer_call.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "config/client_text.h"
#include "server/rpc/wire/chunk_cursor.h"
#include "server/rpc/wire/infer_message.h"
#include "server/rpc/wire/infer_parameters.h"
#include "server/rpc/wire/tensor_claim.h"
#include "server/rpc/wire/tensor_contents.h"

namespace weir {
namespace {

using Message = inference::ModelInferRequest;

absl::Status CheckLength(absl::string_view what, const std::string& text,
                         size_t bytes_max) {
  if (text.size() <= bytes_max) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      what, ": expected at most ", bytes_max, " bytes, got ", text.size()));
}

absl::Status CheckLengths(const Message& message) {
  for (const absl::Status& status :
       {CheckLength("model_name", message.model_name(), kNameBytesMax),
        CheckLength("model_version", message.model_version(), kNameBytesMax),
        CheckLength("id", message.id(), kIdBytesMax)}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Of inputs and of outputs: the first name that stands there twice.
template <typename Tensors>
absl::Status CheckNoneTwice(absl::string_view what, const Tensors& tensors) {
  std::vector<absl::string_view> names;
  names.reserve(static_cast<size_t>(tensors.size()));
  for (const auto& tensor : tensors) names.emplace_back(tensor.name());
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(what, " ", Quoted(std::string(*twice)), " is given twice"));
}

// One raw entry for each input, and then nothing in any input's contents.
absl::Status CheckRaw(const InferMessage& message) {
  if (message.raw.empty()) return absl::OkStatus();
  const auto num_inputs = static_cast<size_t>(message.fields.inputs_size());
  if (message.raw.size() != num_inputs) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected one of raw_input_contents for each of ",
                     num_inputs, " inputs, got ", message.raw.size()));
  }
  for (const Message::InferInputTensor& input : message.fields.inputs()) {
    if (HasElements(input.contents())) {
      return absl::InvalidArgumentError(
          absl::StrCat("input ", Quoted(input.name()),
                       ": expected no contents beside raw_input_contents"));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadInputs(InferMessage& message,
                        const std::shared_ptr<const void>& owner,
                        const LimitsConfig& limits, InferCall& call) {
  absl::Status status = CheckNoneTwice("input", message.fields.inputs());
  if (status.ok()) status = CheckRaw(message);
  if (!status.ok()) return status;
  call.inputs.reserve(static_cast<size_t>(message.fields.inputs_size()));
  for (const Message::InferInputTensor& input : message.fields.inputs()) {
    absl::StatusOr<TensorClaim> claim = ReadTensorClaim(input, limits);
    if (!claim.ok()) return std::move(claim).status();
    const bool is_raw = !message.raw.empty();
    absl::StatusOr<Tensor> tensor =
        is_raw ? TensorOfRaw(*claim, std::move(message.raw[call.inputs.size()]),
                             owner)
               : TensorOfContents(*claim, input.contents());
    if (!tensor.ok()) return std::move(tensor).status();
    if (!is_raw) call.bytes += tensor->size_bytes();
    call.inputs.push_back({input.name(), *std::move(tensor)});
  }
  return absl::OkStatus();
}

absl::Status ReadOutputs(const Message& message, InferCall& call) {
  for (const Message::InferRequestedOutputTensor& output : message.outputs()) {
    const std::string& name = output.name();
    if (name.empty() || name.size() > kNameBytesMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("output ", Quoted(name), ": expected a name of 1 to ",
                       kNameBytesMax, " bytes, got ", name.size()));
    }
    absl::Status status = RefuseOutputParameters(name, output.parameters());
    if (!status.ok()) return status;
    call.outputs.push_back(name);
  }
  return CheckNoneTwice("output", message.outputs());
}

}  // namespace

absl::StatusOr<InferCall> DecodeInferCall(
    absl::Span<const Chunk> message, const std::shared_ptr<const void>& owner,
    const LimitsConfig& limits) {
  absl::StatusOr<InferMessage> read =
      ReadInferMessage(message, limits.inputs_max);
  if (!read.ok()) return std::move(read).status();
  InferCall call;
  call.bytes = static_cast<int64_t>(ChunkCursor(message).remaining());
  absl::Status status = CheckLengths(read->fields);
  if (status.ok()) status = ReadParameters(read->fields.parameters(), call);
  if (status.ok()) status = ReadOutputs(read->fields, call);
  if (status.ok()) status = ReadInputs(*read, owner, limits, call);
  if (!status.ok()) return status;
  call.model_name = read->fields.model_name();
  call.model_version = read->fields.model_version();
  call.id = read->fields.id();
  return call;
}

}  // namespace weir
