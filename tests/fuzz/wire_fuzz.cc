// Any bytes as a ModelInferRequest, in chunks of sizes that the first byte
// seeds: weir takes for a message what protobuf does and reads the same in it,
// refuses in one short line, and what it accepts comes back as it was sent.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "inference/grpc_service.pb.h"
#include "server/rpc/wire/infer_answer.h"
#include "server/rpc/wire/infer_call.h"
#include "server/rpc/wire/infer_message.h"
#include "sync/check.h"

namespace weir {
namespace {

// Chunks of 0 to 15 bytes, each in memory of its own, so that AddressSanitizer
// sees a read past any.
struct Message {
  Message(const uint8_t* data, size_t size) {
    uint32_t random = size > 0 ? data[0] : 0;
    for (size_t at = std::min<size_t>(size, 1); at < size;) {
      random = random * 1664525 + 1013904223;
      const size_t length = std::min<size_t>((random >> 24) % 16, size - at);
      parts.push_back(std::make_unique<std::vector<uint8_t>>(
          data + at, data + at + length));
      chunks.push_back({parts.back()->data(), length});
      bytes.append(reinterpret_cast<const char*>(data + at), length);
      at += length;
    }
  }

  std::string bytes;
  std::vector<std::unique_ptr<std::vector<uint8_t>>> parts;
  std::vector<Chunk> chunks;
};

void CheckRefusal(const absl::Status& status) {
  const absl::string_view text = status.message();
  WEIR_CHECK(absl::IsInvalidArgument(status), "a bad message is the caller's");
  const bool is_line =
      std::all_of(text.begin(), text.end(), absl::ascii_isprint);
  WEIR_CHECK(is_line && text.size() < 1024, "a refusal is one short line");
}

// Maps in a fixed order, so that equal messages have equal bytes.
std::string Canonical(const inference::ModelInferRequest& request) {
  std::string text;
  google::protobuf::io::StringOutputStream stream(&text);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  WEIR_CHECK(request.SerializeToCodedStream(&coded), "a message has bytes");
  coded.Trim();
  return text;
}

std::string BytesOf(absl::Span<const Chunk> chunks) {
  std::string bytes;
  for (const Chunk& chunk : chunks) {
    bytes.append(static_cast<const char*>(chunk.data), chunk.size);
  }
  return bytes;
}

void CheckAgainstProtobuf(const Message& message) {
  inference::ModelInferRequest expected;
  const bool is_message = expected.ParseFromString(message.bytes);
  absl::StatusOr<InferMessage> read = ReadInferMessage(message.chunks, 256);
  if (!read.ok()) {
    CheckRefusal(read.status());
    const bool is_malformed = read.status().message() == kMalformedMessage;
    WEIR_CHECK(!is_malformed || !is_message, "protobuf refuses it too");
    return;
  }
  WEIR_CHECK(is_message, "protobuf accepts it too");
  for (const Tensor::Chunks& raw : read->raw) {
    read->fields.add_raw_input_contents(BytesOf(raw));
  }
  WEIR_CHECK(Canonical(read->fields) == Canonical(expected),
             "protobuf reads the same");
}

// Answers with the inputs.
void CheckComesBack(const InferCall& call) {
  const absl::StatusOr<std::vector<WirePiece>> pieces = EncodeInferAnswer(
      {call.model_name, call.model_version, call.id, call.inputs, {}});
  WEIR_CHECK(pieces.ok(), "what came in fits into an answer");
  std::string bytes;
  for (const WirePiece& piece : *pieces) bytes += BytesOf({&piece.bytes, 1});
  inference::ModelInferResponse response;
  WEIR_CHECK(response.ParseFromString(bytes), "an answer is a message");
  const auto num_inputs = static_cast<int>(call.inputs.size());
  WEIR_CHECK(response.id() == call.id &&
                 response.outputs_size() == num_inputs &&
                 response.raw_output_contents_size() == num_inputs,
             "an answer has all outputs");
  for (int i = 0; i < num_inputs; ++i) {
    const NamedTensor& input = call.inputs[static_cast<size_t>(i)];
    WEIR_CHECK(response.outputs(i).name() == input.name, "a name comes back");
    WEIR_CHECK(
        response.raw_output_contents(i) == BytesOf(input.tensor.chunks()),
        "data comes back");
  }
}

void CheckCall(const Message& message) {
  const absl::StatusOr<InferCall> call =
      DecodeInferCall(message.chunks, nullptr, LimitsConfig());
  if (!call.ok()) {
    CheckRefusal(call.status());
    return;
  }
  CheckComesBack(*call);
  const auto requested =
      EncodeInferAnswer({"", "", "", call->inputs, call->outputs});
  if (!requested.ok()) CheckRefusal(requested.status());
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const weir::Message message(data, size);
  weir::CheckAgainstProtobuf(message);
  weir::CheckCall(message);
  return 0;
}
