#include "server/rpc/received_message.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "grpc/byte_buffer.h"
#include "grpc/grpc.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace weir {
namespace {

int64_t SizeOf(absl::Span<const Chunk> chunks) {
  int64_t size = 0;
  for (const Chunk& chunk : chunks) size += static_cast<int64_t>(chunk.size);
  return size;
}

// What gRPC's C++ does not tell of a message: how it was compressed.
class CompressionReader final : public grpc::ProtoBufferReader {
 public:
  using grpc::ProtoBufferReader::ProtoBufferReader;

  std::optional<Compression> compression() {
    switch (reader()->buffer_in->data.raw.compression) {
      case GRPC_COMPRESS_GZIP:
        return Compression::kGzip;
      case GRPC_COMPRESS_DEFLATE:
        return Compression::kDeflate;
      default:
        return std::nullopt;
    }
  }
};

}  // namespace

absl::StatusOr<std::shared_ptr<ReceivedMessage>> ReceivedMessage::Read(
    const grpc::ByteBuffer& message, int64_t bytes_max) {
  std::shared_ptr<ReceivedMessage> received(new ReceivedMessage);
  grpc::ByteBuffer shared = message;  // the bytes are not copied
  CompressionReader reader(&shared);
  if (!reader.status().ok() || !shared.Dump(&received->slices_).ok()) {
    return absl::InvalidArgumentError("the message cannot be read");
  }
  received->chunks_.reserve(received->slices_.size());
  for (const grpc::Slice& slice : received->slices_) {
    received->chunks_.push_back({slice.begin(), slice.size()});
  }
  const int64_t size = SizeOf(received->chunks_);
  if (size > bytes_max) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "the message: expected at most ", bytes_max, " bytes, got ", size));
  }
  const std::optional<Compression> compression = reader.compression();
  // One without a byte is empty, whatever its flag says.
  if (!compression.has_value() || size == 0) return received;
  absl::StatusOr<InflatedMessage> inflated =
      InflatedMessage::Of(received->chunks_, *compression, bytes_max);
  if (!inflated.ok()) return std::move(inflated).status();
  received->inflated_ = *std::move(inflated);
  return received;
}

int64_t ReceivedMessage::bytes_beside() const {
  if (!inflated_.has_value()) return 0;
  return SizeOf(chunks_) + inflated_->bytes_held() -
         SizeOf(inflated_->chunks());
}

}  // namespace weir
