#include "server/rpc/wire/inflated_message.h"

#define ZLIB_CONST  // zlib does not write to what it reads
#include <zlib.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "config/config.h"
#include "sync/check.h"

namespace weir {
namespace {

constexpr int64_t kBlockBytesMin = 4 * kKibibyte;
constexpr int64_t kBlockBytesMax = kMebibyte;

// By this zlib tells gzip's format from its own.
constexpr int kGzipFormat = 16;

// zlib's state, which takes 40 KiB while a message is inflated.
class Inflater {
 public:
  explicit Inflater(Compression compression) {
    const int format = compression == Compression::kGzip ? kGzipFormat : 0;
    WEIR_CHECK(inflateInit2(&stream_, MAX_WBITS + format) == Z_OK,
               "there is memory to inflate a message with");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool needs_input() const { return stream_.avail_in == 0; }
  bool needs_room() const { return stream_.avail_out == 0; }

  void Feed(const Chunk& chunk) {
    stream_.next_in = static_cast<const Bytef*>(chunk.data);
    stream_.avail_in = static_cast<uInt>(chunk.size);
  }

  void MakeRoom(std::byte* data, size_t size) {
    stream_.next_out = reinterpret_cast<Bytef*>(data);
    stream_.avail_out = static_cast<uInt>(size);
  }

  // How many bytes came out. Nothing may come of it where all input was taken;
  // zlib calls that an error, which the input's end makes it.
  size_t Step() {
    const uInt room = stream_.avail_out;
    code_ = inflate(&stream_, Z_NO_FLUSH);
    return room - stream_.avail_out;
  }

  bool is_going_on() const { return code_ == Z_OK; }
  bool is_complete() const { return code_ == Z_STREAM_END; }

 private:
  z_stream stream_ = {};
  int code_ = Z_OK;
};

}  // namespace

size_t InflatedMessage::AddBlock(int64_t size_max) {
  const int64_t size = std::min(
      std::clamp(bytes_held_, kBlockBytesMin, kBlockBytesMax), size_max);
  const auto bytes = static_cast<size_t>(size);
  blocks_.emplace_back(new std::byte[bytes]);
  chunks_.push_back({blocks_.back().get(), 0});
  bytes_held_ += size;
  return bytes;
}

absl::StatusOr<InflatedMessage> InflatedMessage::Of(
    absl::Span<const Chunk> compressed, Compression compression,
    int64_t bytes_max) {
  Inflater inflater(compression);
  InflatedMessage message;
  const Chunk* next = compressed.begin();
  int64_t size = 0;
  while (inflater.is_going_on()) {
    while (inflater.needs_input() && next != compressed.end()) {
      inflater.Feed(*next++);
    }
    if (inflater.needs_room()) {
      // By the one byte more it is known whether there is more.
      const size_t room = message.AddBlock(bytes_max + 1 - size);
      inflater.MakeRoom(message.blocks_.back().get(), room);
    }
    const size_t num_more = inflater.Step();
    message.chunks_.back().size += num_more;
    size += static_cast<int64_t>(num_more);
    if (size > bytes_max) {
      return absl::ResourceExhaustedError(
          absl::StrCat("the compressed message: expected at most ", bytes_max,
                       " bytes when it is inflated, got more"));
    }
  }
  if (!inflater.is_complete()) {
    return absl::InvalidArgumentError(
        "the compressed message is broken or ends early");
  }
  const bool is_all = std::all_of(
      next, compressed.end(), [](const Chunk& rest) { return rest.size == 0; });
  if (!inflater.needs_input() || !is_all) {
    return absl::InvalidArgumentError(
        "the compressed message goes on after its end");
  }
  return message;
}

}  // namespace weir
