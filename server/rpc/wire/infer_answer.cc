#include "server/rpc/wire/infer_answer.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "config/client_text.h"
#include "inference/grpc_service.pb.h"
#include "sync/check.h"

namespace weir {
namespace {

using Message = inference::ModelInferResponse;

// No reader of protobuf takes a longer message.
constexpr int64_t kMessageBytesMax = std::numeric_limits<int32_t>::max();
// What tag and length take beside the bytes of a raw output.
constexpr int64_t kRawFramingBytesMax = 1 + 5;
constexpr char kRawTag = (Message::kRawOutputContentsFieldNumber << 3) | 2;

// The outputs that go into the answer, in its order. Borrowed.
using Chosen = std::vector<const NamedTensor*>;

absl::StatusOr<Chosen> Choose(const InferAnswer& answer) {
  Chosen chosen;
  for (const NamedTensor& output : answer.outputs) {
    if (answer.requested.empty()) chosen.push_back(&output);
  }
  for (const std::string& name : answer.requested) {
    const auto found = std::find_if(
        answer.outputs.begin(), answer.outputs.end(),
        [&](const NamedTensor& output) { return output.name == name; });
    if (found == answer.outputs.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("output ", Quoted(name), " is not one of the ",
                       answer.outputs.size(), " that the model gives"));
    }
    chosen.push_back(&*found);
  }
  return chosen;
}

// All fields before the raw outputs, which are last by their number too.
Message HeaderOf(const InferAnswer& answer, const Chosen& chosen) {
  Message header;
  header.set_model_name(std::string(answer.model_name));
  header.set_model_version(std::string(answer.model_version));
  header.set_id(std::string(answer.id));
  for (const NamedTensor* output : chosen) {
    Message::InferOutputTensor& tensor = *header.add_outputs();
    tensor.set_name(output->name);
    tensor.set_datatype(std::string(Facts(output->tensor.type()).name));
    for (const int64_t dimension : output->tensor.shape()) {
      tensor.add_shape(dimension);
    }
  }
  return header;
}

absl::Status CheckSize(const Message& header, const Chosen& chosen) {
  auto size = static_cast<int64_t>(header.ByteSizeLong());
  for (const NamedTensor* output : chosen) {
    size += kRawFramingBytesMax;
    if (__builtin_add_overflow(size, output->tensor.size_bytes(), &size) ||
        size > kMessageBytesMax) {
      return absl::InternalError(
          absl::StrCat("the model's outputs do not fit into a message of ",
                       kMessageBytesMax, " bytes"));
    }
  }
  return absl::OkStatus();
}

void AppendVarint(uint64_t value, std::string& text) {
  for (; value >= 0x80; value >>= 7) {
    text.push_back(static_cast<char>(value | 0x80));
  }
  text.push_back(static_cast<char>(value));
}

// Gathers small bytes into one piece until a large one comes.
class PieceList {
 public:
  explicit PieceList(std::string header) : small_(std::move(header)) {}

  void Append(const Tensor& tensor) {
    WEIR_CHECK(tensor.memory() != MemoryKind::kDevice,
               "an answer lies where the host can read it");
    small_.push_back(kRawTag);
    AppendVarint(static_cast<uint64_t>(tensor.size_bytes()), small_);
    if (tensor.size_bytes() <= kCopiedBytesMax) {
      const size_t begin = small_.size();
      small_.resize(begin + static_cast<size_t>(tensor.size_bytes()));
      tensor.CopyTo(reinterpret_cast<std::byte*>(&small_[begin]));
      return;
    }
    EndSmall();
    for (const Chunk& chunk : tensor.chunks()) {
      if (chunk.size > 0) pieces_.push_back({chunk, tensor.owner()});
    }
  }

  std::vector<WirePiece> Take() && {
    EndSmall();
    return std::move(pieces_);
  }

 private:
  void EndSmall() {
    if (small_.empty()) return;
    auto text = std::make_shared<const std::string>(std::move(small_));
    small_.clear();
    const Chunk chunk = {text->data(), text->size()};
    pieces_.push_back({chunk, std::move(text)});
  }

  std::string small_;
  std::vector<WirePiece> pieces_;
};

}  // namespace

absl::StatusOr<std::vector<WirePiece>> EncodeInferAnswer(
    const InferAnswer& answer) {
  absl::StatusOr<Chosen> chosen = Choose(answer);
  if (!chosen.ok()) return std::move(chosen).status();
  const Message header = HeaderOf(answer, *chosen);
  absl::Status status = CheckSize(header, *chosen);
  if (!status.ok()) return status;
  PieceList pieces(header.SerializeAsString());
  for (const NamedTensor* output : *chosen) pieces.Append(output->tensor);
  return std::move(pieces).Take();
}

}  // namespace weir
