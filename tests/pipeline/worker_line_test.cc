#include "server/pipeline/worker_line.h"

#include "gtest/gtest.h"

namespace weir {
namespace {

constexpr WorkerPhase kBusy = WorkerPhase::kBusy;
constexpr WorkerPhase kIdle = WorkerPhase::kIdle;
constexpr WorkerPhase kSeeking = WorkerPhase::kSeeking;
constexpr WorkerPhase kBlocked = WorkerPhase::kBlocked;

TEST(WorkerLineTest, NamesNobodyWhenNoneIsIdle) {
  WorkerLine line;
  line.Move(1, kBusy, kSeeking);
  EXPECT_EQ(line.LastIdle(), std::nullopt);
}

TEST(WorkerLineTest, NamesTheOneThatWentIdleLast) {
  WorkerLine line;
  line.Move(1, kBusy, kIdle);
  line.Move(2, kBusy, kIdle);
  EXPECT_EQ(line.LastIdle(), 2);
}

TEST(WorkerLineTest, KeepsTheOrderOfTheOthersWhenOneLeaves) {
  WorkerLine line;
  for (const WorkerId worker : {1, 2, 3}) line.Move(worker, kBusy, kIdle);
  line.Move(2, kIdle, kSeeking);
  line.Move(3, kIdle, kSeeking);
  EXPECT_EQ(line.LastIdle(), 1);
}

TEST(WorkerLineTest, CountsEachPhase) {
  WorkerLine line;
  line.Move(1, kBusy, kIdle);
  line.Move(2, kBusy, kSeeking);
  line.Move(3, kBusy, kSeeking);
  line.Move(3, kSeeking, kBlocked);
  EXPECT_EQ(line.num_idle(), 1);
  EXPECT_EQ(line.num_seeking(), 1);
  EXPECT_EQ(line.num_blocked(), 1);
  line.Move(3, kBlocked, kBusy);
  EXPECT_EQ(line.num_blocked(), 0);
}

TEST(WorkerLineDeathTest, DiesWhenAnIdleWorkerIsNotInLine) {
  WorkerLine line;
  EXPECT_DEATH(line.Move(1, kIdle, kBusy), "stands in line");
}

}  // namespace
}  // namespace weir
