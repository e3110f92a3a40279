#include "server/rpc/wire/inflated_message.h"

#include <zlib.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

constexpr int kGzip = MAX_WBITS + 16;
constexpr int kDeflate = MAX_WBITS;

std::string Compressed(const std::string& plain, int format = kGzip) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, format, 8,
                         Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string bytes(deflateBound(&stream, plain.size()), '\0');
  std::string input = plain;
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

// Cut into chunks of so many bytes, with an empty one after each, and each in
// memory of its own, so that AddressSanitizer sees a read past it.
absl::StatusOr<InflatedMessage> Inflated(
    std::string_view bytes, int64_t bytes_max = kMebibyte,
    Compression compression = Compression::kGzip, size_t chunk_bytes = 7) {
  std::vector<std::vector<char>> parts;
  for (size_t i = 0; i < bytes.size(); i += chunk_bytes) {
    const std::string_view part = bytes.substr(i, chunk_bytes);
    parts.emplace_back(part.begin(), part.end());
  }
  std::vector<Chunk> chunks;
  for (const std::vector<char>& part : parts) {
    chunks.push_back({part.data(), part.size()});
    chunks.push_back({nullptr, 0});
  }
  return InflatedMessage::Of(chunks, compression, bytes_max);
}

std::string TextOf(const absl::StatusOr<InflatedMessage>& message) {
  if (!message.ok()) return message.status().ToString();
  std::string text;
  for (const Chunk& chunk : message->chunks()) {
    text.append(static_cast<const char*>(chunk.data), chunk.size);
  }
  return text;
}

std::string Mixed(size_t size) {
  std::string text(size, '\0');
  uint32_t state = 1;
  for (char& byte : text) {
    state = state * 1664525U + 1013904223U;
    byte = static_cast<char>(state >> 24);
  }
  return text;
}

TEST(InflatedMessageTest, IsWhatWasCompressed) {
  for (const size_t size : {0U, 1U, 4095U, 4096U, 4097U, 8192U, 300'000U}) {
    for (const std::string& plain : {std::string(size, 'a'), Mixed(size)}) {
      EXPECT_EQ(TextOf(Inflated(Compressed(plain))), plain);
      EXPECT_EQ(TextOf(Inflated(Compressed(plain, kDeflate), kMebibyte,
                                Compression::kDeflate)),
                plain);
    }
  }
}

TEST(InflatedMessageTest, TakesAsMuchAsItMayAndNotAByteMore) {
  for (const int64_t max : {0, 1, 4095, 4096, 4097, 12'288, 1'000'000}) {
    const auto size = static_cast<size_t>(max);
    EXPECT_EQ(TextOf(Inflated(Compressed(Mixed(size)), max)), Mixed(size));
    const auto more = Inflated(Compressed(Mixed(size + 1)), max);
    EXPECT_EQ(more.status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(more.status().message(), HasSubstr(std::to_string(max)));
  }
}

TEST(InflatedMessageTest, TakesMemoryForWhatComesOutAlone) {
  const auto small = Inflated(Compressed("text"), kGibibyte);
  ASSERT_TRUE(small.ok());
  EXPECT_LE(small->bytes_held(), 4 * kKibibyte);
  const auto large = Inflated(Compressed(Mixed(3'000'000)), kGibibyte);
  ASSERT_TRUE(large.ok());
  EXPECT_LE(large->bytes_held(), 3'000'000 + kMebibyte);
}

TEST(InflatedMessageTest, RefusesAStreamThatEndsEarly) {
  for (const int format : {kGzip, kDeflate}) {
    const std::string whole = Compressed("what was compressed", format);
    for (size_t size = 0; size < whole.size(); ++size) {
      const auto message = Inflated(
          whole.substr(0, size), kMebibyte,
          format == kGzip ? Compression::kGzip : Compression::kDeflate);
      EXPECT_EQ(message.status().code(), absl::StatusCode::kInvalidArgument);
    }
  }
}

TEST(InflatedMessageTest, RefusesAStreamThatIsBrokenAnywhere) {
  const std::string whole = Compressed(Mixed(50));
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string broken = whole;
    broken[i] = static_cast<char>(~broken[i]);
    const auto message = Inflated(broken);
    // The time, the level and the system of the sender are nobody's concern.
    const bool is_meta = i >= 4 && i < 10;
    EXPECT_EQ(message.ok(), is_meta) << i;
  }
}

TEST(InflatedMessageTest, RefusesWhatComesAfterTheEnd) {
  const std::string whole = Compressed("text");
  for (const size_t chunk_bytes : {size_t{1}, size_t{7}, size_t{1000}}) {
    for (const std::string& rest : {std::string(1, '\0'), whole}) {
      const auto message =
          Inflated(whole + rest, kMebibyte, Compression::kGzip, chunk_bytes);
      EXPECT_EQ(message.status().code(), absl::StatusCode::kInvalidArgument);
      EXPECT_THAT(message.status().message(), HasSubstr("after its end"));
    }
  }
}

TEST(InflatedMessageTest, RefusesTheOtherFormatAndOneThatNeedsADictionary) {
  EXPECT_FALSE(Inflated(Compressed("text", kDeflate)).ok());
  EXPECT_FALSE(
      Inflated(Compressed("text"), kMebibyte, Compression::kDeflate).ok());
  EXPECT_FALSE(Inflated("\x78\xBB....", kMebibyte, Compression::kDeflate).ok());
  EXPECT_FALSE(Inflated("").ok());
}

}  // namespace
}  // namespace weir
