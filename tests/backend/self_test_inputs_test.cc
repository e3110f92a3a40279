#include "backend/self_test_inputs.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/tensors.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;

TensorSpec Spec(DataType type, Shape shape,
                std::optional<ValueRange> values = std::nullopt) {
  return {"x", type, std::move(shape), values};
}

ModelSignature SignatureOf(const TensorSpec& spec) {
  ModelSignature signature;
  signature.inputs = {spec};
  return signature;
}

Tensor Make(const TensorSpec& spec, int64_t rows = 1, uint64_t seed = 7) {
  return (*MakeSelfTestInputs(SignatureOf(spec), rows, seed))[0].tensor;
}

TEST(SelfTestInputsTest, RunsTheBatchesOfTheWarmUp) {
  EXPECT_THAT(SelfTestRows({.warm_up = {1, 32}}), ElementsAre(1, 32));
  EXPECT_THAT(SelfTestRows({}), ElementsAre(1));
}

TEST(SelfTestInputsTest, FillInTheDimensionsThatVary) {
  EXPECT_EQ(Make(Spec(DataType::kFp32, {-1, 3, -1}), 4).shape(),
            Shape({4, 3, kSelfTestLength}));
  EXPECT_EQ(Make(Spec(DataType::kFp32, {2, 3}), 4).shape(), Shape({2, 3}));
  EXPECT_EQ(Make(Spec(DataType::kFp32, {}), 4).shape(), Shape());
}

TEST(SelfTestInputsTest, AreTheSameForTheSameSeed) {
  const TensorSpec spec = Spec(DataType::kFp32, {-1, 8});
  EXPECT_EQ(Floats(Make(spec, 2, 7)), Floats(Make(spec, 2, 7)));
  EXPECT_NE(Floats(Make(spec, 2, 7)), Floats(Make(spec, 2, 8)));
}

TEST(SelfTestInputsTest, HoldSmallNumbers) {
  const std::vector<float> floats =
      Floats(Make(Spec(DataType::kFp32, {-1, 1000})));
  EXPECT_THAT(floats, Each(AllOf(Ge(-1), Le(1))));
  EXPECT_LT(*std::min_element(floats.begin(), floats.end()), -0.9);
  EXPECT_GT(*std::max_element(floats.begin(), floats.end()), 0.9);
  EXPECT_THAT(ValuesOf<uint8_t>(Make(Spec(DataType::kUint8, {-1, 1000}))),
              Each(Le(9)));
  EXPECT_THAT(ValuesOf<uint8_t>(Make(Spec(DataType::kBool, {-1, 1000}))),
              Each(Le(1)));
}

TEST(SelfTestInputsTest, HoldFiniteHalves) {
  for (const uint16_t half :
       ValuesOf<uint16_t>(Make(Spec(DataType::kFp16, {-1, 1000})))) {
    EXPECT_EQ(half & 0x7c00, 0x3800) << "0.5 to 1";
  }
  for (const uint16_t half :
       ValuesOf<uint16_t>(Make(Spec(DataType::kBf16, {-1, 1000})))) {
    EXPECT_LE(half & 0x7fff, 0x3f80) << "at most 1";
  }
}

TEST(SelfTestInputsTest, KeepIntegersWithinTheirValues) {
  const std::vector<int64_t> ids = ValuesOf<int64_t>(
      Make(Spec(DataType::kInt64, {-1, 1000}, ValueRange{-5, 30521})));
  EXPECT_THAT(ids, Each(AllOf(Ge(-5), Le(30521))));
  EXPECT_GT(*std::max_element(ids.begin(), ids.end()), 9);
  const ValueRange one{7, 7};
  EXPECT_THAT(ValuesOf<int32_t>(Make(Spec(DataType::kInt32, {3}, one))),
              ElementsAre(7, 7, 7));
  const ValueRange all{std::numeric_limits<int64_t>::min(),
                       std::numeric_limits<int64_t>::max()};
  EXPECT_EQ(Make(Spec(DataType::kInt64, {3}, all)).size_bytes(), 24);
}

TEST(SelfTestInputsTest, CannotBeMadeOfEverySignature) {
  const int64_t many = int64_t{1} << 30;
  for (const ModelSignature& signature :
       {ModelSignature{}, SignatureOf(Spec(DataType::kBytes, {-1})),
        SignatureOf(Spec(DataType::kFp32, {-1, many})),
        SignatureOf(Spec(DataType::kFp32, {-1, many, many, many}))}) {
    EXPECT_EQ(MakeSelfTestInputs(signature, 1, 7).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace weir
