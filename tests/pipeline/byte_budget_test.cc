#include "server/pipeline/byte_budget.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "sync/thread.h"

namespace weir {
namespace {

TEST(ByteBudgetTest, GivesAllOfItsBytesAndNotOneMore) {
  ByteBudget budget(100);
  absl::StatusOr<ByteShare> most = budget.Take(99);
  ASSERT_TRUE(most.ok());
  absl::StatusOr<ByteShare> last = budget.Take(1);
  ASSERT_TRUE(last.ok());
  EXPECT_TRUE(absl::IsResourceExhausted(budget.Take(1).status()));
  EXPECT_EQ(budget.bytes_taken(), 100);
}

TEST(ByteBudgetTest, TakesNothingWhenItRefuses) {
  ByteBudget budget(100);
  EXPECT_FALSE(budget.Take(101).ok());
  EXPECT_EQ(budget.bytes_taken(), 0);
}

TEST(ByteBudgetTest, GivesEmptySharesWhenItIsSpent) {
  ByteBudget budget(1);
  const absl::StatusOr<ByteShare> all = budget.Take(1);
  EXPECT_TRUE(budget.Take(0).ok());
}

TEST(ByteBudgetTest, KeepsAShareUntilTheLastReferenceIsGone) {
  ByteBudget budget(100);
  auto holder = std::make_shared<MessageHolder>();
  holder->share = *budget.Take(60);
  std::shared_ptr<MessageHolder> reader = holder;
  holder.reset();
  EXPECT_EQ(budget.bytes_taken(), 60);
  reader.reset();
  EXPECT_EQ(budget.bytes_taken(), 0);
}

TEST(ByteBudgetTest, CountsAShareOnceWhenItIsMoved) {
  ByteBudget budget(100);
  ByteShare first = *budget.Take(40);
  ByteShare second = std::move(first);
  EXPECT_EQ(budget.bytes_taken(), 40);
  second = *budget.Take(10);
  EXPECT_EQ(budget.bytes_taken(), 10);
}

TEST(ByteBudgetTest, StaysWithinItsBoundWhenThreadsCompete) {
  ByteBudget budget(10);
  {
    std::vector<Thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back("taker", [&] {
        for (int round = 0; round < 1000; ++round) {
          const absl::StatusOr<ByteShare> share = budget.Take(4);
          EXPECT_LE(budget.bytes_taken(), 10);
        }
      });
    }
  }
  EXPECT_EQ(budget.bytes_taken(), 0);
}

TEST(ByteBudgetDeathTest, DiesWhenAShareOutlivesIt) {
  EXPECT_DEATH(
      {
        std::optional<ByteShare> share;
        ByteBudget budget(1);
        share = *budget.Take(1);
      },
      "outlives its shares");
}

}  // namespace
}  // namespace weir
