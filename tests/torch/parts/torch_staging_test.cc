// Which blocks of host memory are kept, for whom, and how many.
#include "backend/torch/torch_staging.h"

#include <cstdint>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "tests/torch/twin.h"

namespace weir {
namespace {

constexpr size_t kHalf = TorchStaging::kKeptBytesMax / 2;

class TorchStagingTest : public testing::Test {
 protected:
  // By the twin, which counts what is pinned.
  static uint64_t Pinned() { return Twin::Status().pinned_bytes; }

  Twin twin_;
  TorchStaging staging_{/*pins=*/true};
};

TEST_F(TorchStagingTest, GivesNoBlockToTwo) {
  const auto first = staging_.Take(100, {});
  const auto second = staging_.Take(100, {});
  EXPECT_NE(first, second);
  EXPECT_EQ(Pinned(), 2U * 4096);
}

TEST_F(TorchStagingTest, GivesABlockAgainOnceItIsDropped) {
  auto block = staging_.Take(5000, {});
  const std::byte* data = block.get();
  block.reset();
  EXPECT_EQ(Pinned(), 8192U);
  EXPECT_EQ(staging_.Take(8192, {}).get(), data);
  EXPECT_EQ(Pinned(), 8192U);
}

TEST_F(TorchStagingTest, PrefersABlockThatHadTheSameUse) {
  const StagingUse uses[] = {{0, StagingUse::kInput},
                             {0, StagingUse::kOutput},
                             {1, StagingUse::kInput}};
  std::vector<std::shared_ptr<std::byte>> blocks;
  std::vector<const std::byte*> data;
  for (const StagingUse use : uses) {
    blocks.push_back(staging_.Take(1, use));
    data.push_back(blocks.back().get());
  }
  blocks.clear();
  for (size_t i = 0; i < 3; ++i) {
    blocks.push_back(staging_.Take(1, uses[i]));
    EXPECT_EQ(blocks.back().get(), data[i]);
  }
}

TEST_F(TorchStagingTest, TakesABlockOfAnotherUseRatherThanANewOne) {
  staging_.Take(1, {0, StagingUse::kInput});
  const auto block = staging_.Take(1, {7, StagingUse::kOutput});
  EXPECT_EQ(Pinned(), 4096U);
}

TEST_F(TorchStagingTest, GivesABlockForNothingToo) {
  EXPECT_NE(staging_.Take(0, {}), nullptr);
  EXPECT_EQ(Pinned(), 4096U);
}

TEST_F(TorchStagingTest, FreesWhatIsKeptAndNothingElse) {
  const auto used = staging_.Take(1, {});
  staging_.Take(1, {});
  staging_.Trim();
  EXPECT_EQ(Pinned(), 4096U);
}

TEST_F(TorchStagingTest, KeepsNoMoreThanItMay) {
  std::vector<std::shared_ptr<std::byte>> blocks;
  for (int i = 0; i < 3; ++i) blocks.push_back(staging_.Take(kHalf, {}));
  blocks.clear();
  // The thread that drops a block has no lease, so it frees nothing.
  EXPECT_EQ(Pinned(), 3 * kHalf);
  const auto block = staging_.Take(1, {});
  EXPECT_EQ(Pinned(), 2 * kHalf + 4096);
}

TEST_F(TorchStagingTest, CountsOnlyWhatIsKept) {
  std::shared_ptr<std::byte> block;
  for (int i = 0; i < 5; ++i) {
    block.reset();
    block = staging_.Take(kHalf, {});
  }
  block.reset();
  const auto other = staging_.Take(1, {});
  EXPECT_EQ(Pinned(), kHalf + 4096);
}

TEST_F(TorchStagingTest, LeavesABlockToItsReaderWhenItGoes) {
  auto staging = std::make_unique<TorchStaging>(/*pins=*/true);
  auto block = staging->Take(1, {});
  staging.reset();
  EXPECT_EQ(Pinned(), 4096U);
  *block = std::byte{1};
  block.reset();
  EXPECT_EQ(Pinned(), 0U);
}

TEST_F(TorchStagingTest, PinsNothingWhereTheDeviceCannot) {
  TorchStaging staging(/*pins=*/false);
  EXPECT_NE(staging.Take(1, {}), nullptr);
  EXPECT_FALSE(staging.pins());
  EXPECT_EQ(Pinned(), 0U);
}

}  // namespace
}  // namespace weir
