#include "server/rpc/wire/infer_message.h"

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/rpc/wire/chunk_cursor.h"
#include "server/rpc/wire/wire_field.h"

namespace weir {
namespace {

using Message = inference::ModelInferRequest;
using Input = Message::InferInputTensor;
using Contents = inference::InferTensorContents;

// How much of each bounded thing a message holds.
struct Tally {
  size_t inputs = 0;
  size_t outputs = 0;
  size_t parameters = 0;
  size_t raw = 0;
  size_t header_bytes = 0;
  size_t bytes_contents = 0;
};

absl::Status CheckBound(size_t count, size_t count_max,
                        absl::string_view what) {
  if (count <= count_max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("expected at most ", count_max, " ", what, ", got more"));
}

absl::Status Check(const Tally& tally, size_t inputs_max) {
  for (const absl::Status& status :
       {CheckBound(tally.inputs, inputs_max, "inputs"),
        CheckBound(tally.raw, inputs_max, "raw_input_contents"),
        CheckBound(tally.outputs, kRequestedOutputsMax, "requested outputs"),
        CheckBound(tally.parameters, kParametersMax, "parameters"),
        CheckBound(tally.header_bytes, kHeaderBytesMax,
                   "bytes of names, shapes and parameters"),
        CheckBound(tally.bytes_contents, kBytesContentsMax,
                   "elements in bytes_contents")}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Counts all fields of a part; `count` says what a field adds. False where the
// part is malformed.
template <typename Count>
bool CountFields(ChunkCursor part, const Count& count) {
  WireFieldReader reader(part);
  while (const std::optional<WireField> field = reader.Next()) {
    if (!count(*field)) return false;
  }
  return !reader.is_malformed();
}

bool CountContents(ChunkCursor contents, Tally& tally) {
  return CountFields(contents, [&](const WireField& field) {
    if (field.Is(Contents::kBytesContentsFieldNumber)) {
      ++tally.bytes_contents;
    } else if (field.type == WireType::kGroup ||
               field.number >= Contents::kBytesContentsFieldNumber) {
      tally.header_bytes += field.whole.remaining();
    }
    return true;
  });
}

bool CountInput(ChunkCursor input, Tally& tally) {
  return CountFields(input, [&](const WireField& field) {
    if (field.Is(Input::kContentsFieldNumber)) {
      return CountContents(field.payload, tally);
    }
    tally.header_bytes += field.whole.remaining();
    return true;
  });
}

bool CountField(const WireField& field, Tally& tally) {
  if (field.Is(Message::kRawInputContentsFieldNumber)) {
    ++tally.raw;
    return true;
  }
  if (field.Is(Message::kInputsFieldNumber)) {
    ++tally.inputs;
    return CountInput(field.payload, tally);
  }
  if (field.Is(Message::kOutputsFieldNumber)) ++tally.outputs;
  if (field.Is(Message::kParametersFieldNumber)) ++tally.parameters;
  tally.header_bytes += field.whole.remaining();
  return true;
}

absl::Status Malformed() {
  return absl::InvalidArgumentError(kMalformedMessage);
}

}  // namespace

absl::StatusOr<InferMessage> ReadInferMessage(absl::Span<const Chunk> message,
                                              int inputs_max) {
  InferMessage result;
  Tally tally;
  std::string rest;
  WireFieldReader reader{ChunkCursor(message)};
  while (const std::optional<WireField> field = reader.Next()) {
    if (!CountField(*field, tally)) return Malformed();
    absl::Status bounded = Check(tally, static_cast<size_t>(inputs_max));
    if (!bounded.ok()) return bounded;
    if (field->Is(Message::kRawInputContentsFieldNumber)) {
      result.raw.push_back(field->payload.Views());
    } else {
      field->whole.AppendTo(rest);
    }
  }
  if (reader.is_malformed() || !result.fields.ParseFromString(rest)) {
    return Malformed();
  }
  return result;
}

}  // namespace weir
