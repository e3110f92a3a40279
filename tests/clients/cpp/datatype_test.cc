#include "clients/cpp/datatype.h"

#include <cmath>
#include <limits>

#include "gtest/gtest.h"

namespace weir {
namespace {

constexpr int kPatterns = 1 << 16;

TEST(DatatypeTest, KnowsTheSizeOfEachDatatype) {
  for (const char* one : {"BOOL", "UINT8", "INT8"}) {
    EXPECT_EQ(ElementBytes(one), 1U);
  }
  for (const char* two : {"UINT16", "INT16", "FP16", "BF16"}) {
    EXPECT_EQ(ElementBytes(two), 2U);
  }
  for (const char* four : {"UINT32", "INT32", "FP32"}) {
    EXPECT_EQ(ElementBytes(four), 4U);
  }
  for (const char* eight : {"UINT64", "INT64", "FP64"}) {
    EXPECT_EQ(ElementBytes(eight), 8U);
  }
  EXPECT_EQ(ElementBytes("BYTES"), 0U);
  EXPECT_EQ(ElementBytes("FP31"), std::nullopt);
  EXPECT_EQ(ElementBytes(""), std::nullopt);
}

TEST(Fp16Test, IsWhatTheProcessorsHalfIs) {
  for (int pattern = 0; pattern < kPatterns; ++pattern) {
    const Fp16 half{.bits = static_cast<uint16_t>(pattern)};
    const float value = ToFloat(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(ToFloat(ToFp16(value))));
    } else {
      EXPECT_EQ(ToFp16(value), half) << pattern;
    }
  }
  EXPECT_EQ(ToFloat(Fp16{0x3C00}), 1.0F);
  EXPECT_EQ(ToFloat(Fp16{0xC000}), -2.0F);
  EXPECT_EQ(ToFloat(Fp16{0x0001}), std::ldexp(1.0F, -24));
  EXPECT_EQ(ToFloat(Fp16{0x7BFF}), 65504.0F);
  EXPECT_EQ(ToFloat(Fp16{0x7C00}), std::numeric_limits<float>::infinity());
}

TEST(Fp16Test, IsTheNearestAndTheEvenOfTwo) {
  // Every two neighbours, and what lies between them.
  for (int pattern = 0; pattern < 0x7BFF; ++pattern) {
    const auto low = static_cast<uint16_t>(pattern);
    const auto high = static_cast<uint16_t>(pattern + 1);
    const float middle = (ToFloat(Fp16{low}) + ToFloat(Fp16{high})) / 2;
    EXPECT_EQ(ToFp16(middle).bits, low % 2 == 0 ? low : high);
    EXPECT_EQ(ToFp16(std::nextafter(middle, 0.0F)).bits, low);
    EXPECT_EQ(ToFp16(std::nextafter(middle, 1e6F)).bits, high);
  }
  EXPECT_EQ(ToFp16(65519.99F).bits, 0x7BFF);
  EXPECT_EQ(ToFp16(65520.0F).bits, 0x7C00);
  EXPECT_EQ(ToFp16(-1e30F).bits, 0xFC00);
  EXPECT_EQ(ToFp16(-0.0F).bits, 0x8000);
}

TEST(Bf16Test, IsTheUpperHalfOfAFloat) {
  for (int pattern = 0; pattern < kPatterns; ++pattern) {
    const Bf16 half{.bits = static_cast<uint16_t>(pattern)};
    const float value = ToFloat(half);
    if (std::isnan(value)) {
      EXPECT_TRUE(std::isnan(ToFloat(ToBf16(value))));
    } else {
      EXPECT_EQ(ToBf16(value), half) << pattern;
    }
  }
  EXPECT_EQ(ToBf16(1.00390625F).bits, 0x3F80);  // between two: the even one
  EXPECT_EQ(ToBf16(1.01171875F).bits, 0x3F82);
  EXPECT_EQ(ToBf16(std::numeric_limits<float>::max()).bits, 0x7F80);
}

}  // namespace
}  // namespace weir
