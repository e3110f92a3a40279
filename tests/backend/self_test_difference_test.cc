#include "backend/self_test_difference.h"

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "tests/support/tensors.h"

namespace weir {
namespace {

Outputs One(const Tensor& tensor, const std::string& name = "y") {
  return {{name, tensor}};
}

std::string Difference(const Outputs& wanted, const Outputs& got) {
  return DescribeDifference(wanted, got).value_or("none");
}

TEST(SelfTestDifferenceTest, IsNoneBetweenEqualBits) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor y = FloatTensor({2}, {1, nan});
  EXPECT_EQ(Difference(One(y), One(y)), "none");
  EXPECT_EQ(Difference(One(y), One(InPieces(y, 3))), "none");
  EXPECT_EQ(Difference({}, {}), "none");
}

TEST(SelfTestDifferenceTest, TellsTheFirstElementAndBothValues) {
  EXPECT_EQ(Difference(One(FloatTensor({3}, {1, 0.125F, 3})),
                       One(FloatTensor({3}, {1, 0.5F, 4}))),
            "output \"y\" differed at element 1 (0.5 instead of 0.125)");
  EXPECT_EQ(Difference(One(IntTensor({1}, {-3})), One(IntTensor({1}, {7}))),
            "output \"y\" differed at element 0 (7 instead of -3)");
}

TEST(SelfTestDifferenceTest, PrintsTheLastBit) {
  const float next = std::nextafter(1.0F, 2.0F);
  EXPECT_EQ(
      Difference(One(FloatTensor({1}, {1})), One(FloatTensor({1}, {next}))),
      "output \"y\" differed at element 0 (1.00000012 instead of 1)");
}

TEST(SelfTestDifferenceTest, TellsZerosApart) {
  EXPECT_NE(
      Difference(One(FloatTensor({1}, {0.0F})), One(FloatTensor({1}, {-0.0F}))),
      "none");
}

TEST(SelfTestDifferenceTest, PrintsWhatIsNoNumberToUsAsBits) {
  const auto half = [](uint16_t bits) {
    return One(TensorOf<uint16_t>(DataType::kFp16, {1}, {bits}));
  };
  EXPECT_EQ(Difference(half(0x3c00), half(0x3c01)),
            "output \"y\" differed at element 0 (0x3c01 instead of 0x3c00)");
}

TEST(SelfTestDifferenceTest, TellsOtherOutputs) {
  const Tensor y = FloatTensor({1, 2}, {1, 2});
  EXPECT_EQ(Difference(One(y), {}), "0 outputs instead of 1");
  EXPECT_EQ(Difference(One(y), One(y, "z")), "output \"z\" instead of \"y\"");
  EXPECT_EQ(Difference(One(y), One(FloatTensor({2}, {1, 2}))),
            "output \"y\" was FP32 [2] instead of FP32 [1,2]");
}

TEST(SelfTestDifferenceTest, ReadsNoDeviceMemory) {
  const Tensor y = FloatTensor({1}, {1});
  EXPECT_TRUE(IsReadable(One(y)));
  const Tensor far = *Tensor::View(y.type(), y.shape(), MemoryKind::kDevice,
                                   y.chunks(), y.owner());
  EXPECT_FALSE(IsReadable(One(far)));
}

}  // namespace
}  // namespace weir
