#include "backend/tensor.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/tensors.h"

namespace weir {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();

absl::StatusOr<Tensor> ViewOf(DataType type, Shape shape, size_t size) {
  static const char bytes[64] = {};
  return Tensor::View(type, std::move(shape), MemoryKind::kHost,
                      {{bytes, size}}, nullptr);
}

TEST(DataTypeTest, ParsesItsOwnNamesAndNoOthers) {
  for (size_t i = 0; i < kDataTypes.size(); ++i) {
    const auto type = static_cast<DataType>(i);
    EXPECT_EQ(ParseDataType(Facts(type).name), type);
  }
  EXPECT_EQ(ParseDataType("fp32"), std::nullopt);
  EXPECT_EQ(ParseDataType(""), std::nullopt);
}

TEST(DataTypeTest, HasTheSizesOfTheProtocol) {
  EXPECT_EQ(Facts(DataType::kBool).element_size_bytes, 1);
  EXPECT_EQ(Facts(DataType::kBf16).element_size_bytes, 2);
  EXPECT_EQ(Facts(DataType::kInt64).element_size_bytes, 8);
  EXPECT_EQ(Facts(DataType::kBytes).element_size_bytes, 0);
}

TEST(TensorTest, CountsElements) {
  EXPECT_EQ(NumElements({}), 1);
  EXPECT_EQ(NumElements({2, 3, 4}), 24);
  EXPECT_EQ(NumElements({5, 0}), 0);
}

TEST(TensorTest, RefusesToCountWhatOverflowsOrIsNegative) {
  EXPECT_EQ(NumElements({-1, 4}), std::nullopt);
  EXPECT_EQ(NumElements({kLargest, 2}), std::nullopt);
  EXPECT_EQ(NumElements({int64_t{1} << 32, int64_t{1} << 32}), std::nullopt);
  EXPECT_EQ(SizeInBytes(DataType::kFp32, {int64_t{1} << 62}), std::nullopt);
  EXPECT_EQ(SizeInBytes(DataType::kUint8, {kLargest}), kLargest);
}

TEST(TensorTest, RefusesDataThatIsNotOfTheShapesSize) {
  EXPECT_TRUE(ViewOf(DataType::kFp32, {2, 2}, 16).ok());
  EXPECT_FALSE(ViewOf(DataType::kFp32, {2, 2}, 15).ok());
  EXPECT_FALSE(ViewOf(DataType::kFp32, {2, 2}, 17).ok());
  EXPECT_FALSE(ViewOf(DataType::kFp32, {16, -1}, 16).ok());
  EXPECT_FALSE(ViewOf(DataType::kFp32, {4, int64_t{1} << 62}, 16).ok());
}

TEST(TensorTest, RefusesChunksWhoseSizesWrapRound) {
  static const char bytes[16] = {};
  const size_t half = size_t{1} << 63;
  const absl::StatusOr<Tensor> wrapped =
      Tensor::View(DataType::kFp32, {4}, MemoryKind::kHost,
                   {{bytes, half}, {bytes, half}, {bytes, 16}}, nullptr);
  EXPECT_EQ(wrapped.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(TensorTest, TakesBytesOfAnySize) {
  EXPECT_EQ(ViewOf(DataType::kBytes, {2}, 11)->size_bytes(), 11);
}

TEST(TensorTest, KeepsItsOwnerAsLongAsAnyViewLives) {
  auto holder = std::make_shared<std::vector<float>>(4, 0.5F);
  const std::weak_ptr<std::vector<float>> alive = holder;
  const void* data = holder->data();
  auto whole = std::make_unique<Tensor>(
      *Tensor::View(DataType::kFp32, {2, 2}, MemoryKind::kHost, {{data, 16}},
                    std::move(holder)));
  Tensor row = whole->Rows(1, 1);
  whole.reset();
  EXPECT_FALSE(alive.expired());
  EXPECT_THAT(Floats(row), ElementsAre(0.5F, 0.5F));
  row = Tensor();
  EXPECT_TRUE(alive.expired());
}

TEST(TensorTest, IsContiguousWhereOneAlignedChunkHoldsIt) {
  const Tensor tensor = FloatTensor({2, 2}, {1, 2, 3, 4});
  EXPECT_EQ(tensor.contiguous(), tensor.chunks()[0].data);
  EXPECT_EQ(InPieces(tensor, 16).chunks().size(), 1);
  EXPECT_EQ(InPieces(tensor, 16).contiguous(), nullptr) << "not aligned";
  EXPECT_EQ(InPieces(tensor, 8).contiguous(), nullptr) << "two chunks";
}

TEST(TensorTest, CopiesItsChunksInTheirOrder) {
  const Tensor tensor = FloatTensor({2, 2}, {1, 2, 3, 4});
  for (const size_t piece : {1, 3, 5, 16}) {
    EXPECT_THAT(Floats(InPieces(tensor, piece)), ElementsAre(1, 2, 3, 4));
  }
}

TEST(TensorTest, SlicesRows) {
  const Tensor tensor = FloatTensor({3, 2}, {1, 2, 3, 4, 5, 6});
  const Tensor middle = tensor.Rows(1, 1);
  EXPECT_THAT(middle.shape(), ElementsAre(1, 2));
  EXPECT_THAT(Floats(middle), ElementsAre(3, 4));
  EXPECT_THAT(tensor.Rows(3, 0).shape(), ElementsAre(0, 2));
  EXPECT_EQ(tensor.Rows(3, 0).size_bytes(), 0);
}

TEST(TensorTest, HasOneRowAndNoneWhereTheShapeSaysSo) {
  EXPECT_EQ(FloatTensor({}, {1}).rows(), 1);
  EXPECT_EQ(FloatTensor({0, 4}, {}).rows(), 0);
  EXPECT_EQ(Tensor().rows(), 0);
  EXPECT_EQ(Tensor().Rows(0, 0).size_bytes(), 0);
}

TEST(TensorDeathTest, DiesOfASliceThatIsNotThere) {
  const Tensor tensor = FloatTensor({2, 2}, {1, 2, 3, 4});
  EXPECT_DEATH(tensor.Rows(1, 2), "a slice lies within");
  EXPECT_DEATH(tensor.Rows(-1, 1), "a slice lies within");
  EXPECT_DEATH(FloatTensor({}, {1}).Rows(0, 1), "a slice lies within");
}

}  // namespace
}  // namespace weir
