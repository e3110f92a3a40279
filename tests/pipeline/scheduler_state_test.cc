// SchedulerState's runs: what is taken, charged, finished and claimed.
#include "server/pipeline/scheduler_state.h"

#include <chrono>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/pipeline/scheduler_stage.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using Tickets = std::vector<Ticket>;

constexpr DeviceIndex kCpu = 0;

TEST(SchedulerStateTest, AnswersARequestWhenItsRunFinishes) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion({.id = 1, .model = "m", .devices = {kCpu}});
  const Ticket ticket = stage.Submit({});
  const TakenBatch batch = stage.Take(0);
  EXPECT_EQ(SchedulerStage::TicketsOf(batch), Tickets{ticket});
  EXPECT_EQ(stage.log.count(ticket), 0);
  EXPECT_TRUE(stage.Finish(batch));
  EXPECT_EQ(stage.log.code(ticket), absl::StatusCode::kOk);
  EXPECT_EQ(stage.state.num_running(), 0U);
}

TEST(SchedulerStateTest, BatchesEqualKeysTogether) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion(
      {.id = 1, .model = "m", .devices = {kCpu}, .batch = {.rows_max = 4}});
  stage.Submit({.key = "a"});
  stage.Submit({.key = "b"});
  stage.Submit({.key = "a"});
  EXPECT_EQ(stage.RunOne(0), (Tickets{1, 3}));
  EXPECT_EQ(stage.RunOne(0), Tickets{2});
}

TEST(SchedulerStateTest, WaitsForCompanyUntilTheDelayIsOver) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion({.id = 1,
                    .model = "m",
                    .devices = {kCpu},
                    .batch = {.rows_max = 4, .delay_max = milliseconds(5)}});
  stage.Submit({});
  EXPECT_EQ(stage.state.NextTimedChange(), stage.now + milliseconds(5));
  stage.Advance(milliseconds(5) - Duration(1));
  EXPECT_FALSE(stage.Seek(0));
  stage.Advance(Duration(1));
  EXPECT_EQ(stage.RunOne(0), Tickets{1});
}

TEST(SchedulerStateTest, RunsAFullBatchBeforeItsDelayIsOver) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion({.id = 1,
                    .model = "m",
                    .devices = {kCpu},
                    .batch = {.rows_max = 2, .delay_max = milliseconds(5)}});
  stage.Submit({});
  stage.Submit({});
  stage.Submit({});
  EXPECT_EQ(stage.RunOne(0), (Tickets{1, 2}));
  EXPECT_FALSE(stage.Seek(0));
  EXPECT_EQ(stage.state.NextTimedChange(), stage.now + milliseconds(5));
}

TEST(SchedulerStateTest, TellsWhereTheTimeWent) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion({.id = 1,
                    .model = "m",
                    .devices = {kCpu},
                    .batch = {.rows_max = 4, .delay_max = milliseconds(5)}});
  stage.Submit({});
  stage.Advance(milliseconds(5));
  stage.Expire();
  stage.Advance(milliseconds(2));
  const TakenBatch batch = stage.Take(0);
  EXPECT_EQ(batch.requests[0]->times.queue, milliseconds(5));
  EXPECT_EQ(batch.requests[0]->times.slot_wait, milliseconds(2));
}

TEST(SchedulerStateTest, CountsWhatIsLeftAsReadySinceTheRunBeforeIt) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion({.id = 1, .model = "m", .devices = {kCpu}});
  stage.Submit({});
  stage.Submit({});
  stage.Advance(milliseconds(3));
  stage.RunOne(0, milliseconds(2));
  const TakenBatch batch = stage.Take(0);
  EXPECT_EQ(batch.requests[0]->times.queue, milliseconds(3));
  EXPECT_EQ(batch.requests[0]->times.slot_wait, milliseconds(2));
}

TEST(SchedulerStateTest, RunsAModelOnNoMoreSlotsThanItsCap) {
  SchedulerStage stage;
  stage.AddDevice(3, 3);
  stage.AddVersion({.id = 1, .model = "m", .devices = {kCpu}, .runs_max = 2});
  for (int i = 0; i < 3; ++i) stage.Submit({});
  const TakenBatch first = stage.Take(0);
  stage.Take(1);
  EXPECT_FALSE(stage.Seek(2));
  stage.Finish(first);
  EXPECT_THAT(stage.state.TakeWakes(), ::testing::Contains(2));
  EXPECT_EQ(stage.RunOne(2), Tickets{3});
}

TEST(SchedulerStateTest, SumsTheTimeOfRunsThatHadToBeAlone) {
  SchedulerStage stage;
  stage.AddDevice(2, 2);
  stage.AddVersion({.id = 1, .model = "m", .devices = {kCpu}, .runs_max = 1});
  for (int i = 0; i < 2; ++i) {
    stage.Submit({});
    stage.RunOne(0, milliseconds(2));
  }
  EXPECT_THAT(stage.state.ViewModel("m").serialized,
              ElementsAre(Pair("fake", milliseconds(4))));
}

TEST(SchedulerStateTest, SumsNoTimeWhereNoSlotIsKeptFromAModel) {
  for (const auto& [num_slots, runs_max] : {std::pair(1, 1), std::pair(2, 0)}) {
    SchedulerStage stage;
    stage.AddDevice(num_slots, num_slots);
    stage.AddVersion(
        {.id = 1, .model = "m", .devices = {kCpu}, .runs_max = runs_max});
    stage.Submit({});
    stage.RunOne(0, milliseconds(2));
    EXPECT_THAT(stage.state.ViewModel("m").serialized, IsEmpty());
  }
}

TEST(SchedulerStateTest, RunsAModelOnAllSlotsWithoutACap) {
  SchedulerStage stage;
  stage.AddDevice(2, 3);
  stage.AddVersion({.id = 1, .model = "m", .devices = {kCpu}});
  for (int i = 0; i < 3; ++i) stage.Submit({});
  EXPECT_NE(stage.Take(0).run, 0U);
  EXPECT_NE(stage.Take(1).run, 0U);
  EXPECT_FALSE(stage.Seek(2));
}

TEST(SchedulerStateTest, RunsAnExclusiveKeyAloneAndInOrder) {
  SchedulerStage stage;
  stage.AddDevice(2, 2);
  stage.AddVersion({.id = 1, .model = "m", .devices = {kCpu}});
  stage.Submit({.exclusive_key = "k"});
  stage.Submit({.exclusive_key = "k"});
  const TakenBatch first = stage.Take(0);
  EXPECT_FALSE(stage.Seek(1));
  stage.Finish(first);
  EXPECT_EQ(stage.RunOne(1), Tickets{2});
}

TEST(SchedulerStateTest, KeepsTheKeyOfAClaimedRunUntilItReturns) {
  SchedulerStage stage;
  stage.AddDevice(2, 2);
  stage.AddVersion({.id = 1, .model = "m", .devices = {kCpu}});
  stage.Submit({.exclusive_key = "k"});
  stage.Submit({.exclusive_key = "k"});
  const TakenBatch first = stage.Take(0);
  stage.Advance(seconds(60));
  EXPECT_EQ(stage.ClaimStuck().size(), 1U);
  EXPECT_FALSE(stage.Seek(1));
  EXPECT_FALSE(stage.Finish(first));
  EXPECT_EQ(stage.RunOne(1), Tickets{2});
}

// R22
TEST(SchedulerStateTest, NeverNamesTwoRunsAlike) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion({.id = 1, .model = "m", .devices = {kCpu}});
  stage.Submit({});
  stage.Submit({});
  const TakenBatch first = stage.Take(0);
  stage.Finish(first);
  EXPECT_GT(stage.Take(0).run, first.run);
}

TEST(SchedulerStateTest, TakesNothingWhenAnotherWorkerWasFaster) {
  SchedulerStage stage;
  stage.AddDevice(2, 2);
  stage.AddVersion({.id = 1, .model = "m", .devices = {kCpu}});
  stage.Submit({});
  EXPECT_TRUE(stage.Seek(0));
  EXPECT_TRUE(stage.Seek(1));
  EXPECT_NE(stage.Take(0).run, 0U);
  EXPECT_EQ(stage.Take(1).run, 0U);
}

TEST(SchedulerStateTest, StartsNoneWhoseDeadlineHasComeInTakeBatch) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion({.id = 1, .model = "m", .devices = {kCpu}});
  stage.Submit({.deadline = milliseconds(1)});
  EXPECT_TRUE(stage.Seek(0));
  stage.Advance(milliseconds(1));
  EXPECT_EQ(stage.Take(0).run, 0U);
  EXPECT_EQ(stage.log.refusal(1), Refusal::kExpired);
  EXPECT_EQ(stage.log.message(1),
            "the deadline passed in the queue, after 1 ms");
}

TEST(SchedulerStateTest, SharesADeviceByWeight) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion({.id = 1, .model = "a", .devices = {kCpu}, .weight = 3});
  stage.AddVersion({.id = 2, .model = "b", .devices = {kCpu}});
  for (int i = 0; i < 40; ++i) stage.Submit({.version = i < 20 ? 1U : 2U});
  int num_first = 0;
  for (int i = 0; i < 20; ++i) {
    num_first += stage.RunOne(0, milliseconds(10))[0] <= 20 ? 1 : 0;
  }
  EXPECT_NEAR(num_first, 15, 1);
}

TEST(SchedulerStateTest, ChargesAnEstimateAndThenCorrectsIt) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion({.id = 1, .model = "a", .devices = {kCpu}});
  stage.AddVersion({.id = 2, .model = "b", .devices = {kCpu}});
  for (const VersionId version : {1, 2, 1, 2, 2, 2}) {
    stage.Submit({.version = version});
  }
  EXPECT_EQ(stage.RunOne(0, milliseconds(30)), Tickets{1});
  Tickets order;
  for (int i = 0; i < 4; ++i) {
    order.push_back(stage.RunOne(0, milliseconds(11))[0]);
  }
  EXPECT_EQ(order, (Tickets{2, 4, 5, 3}));
}

TEST(SchedulerStateTest, LearnsNothingFromAFailedRun) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion(
      {.id = 1, .model = "m", .devices = {kCpu}, .requests_max = 2});
  for (const bool failed : {false, true}) {
    stage.Submit({});
    const TakenBatch batch = stage.Take(0);
    stage.Finish(batch, {.busy = seconds(failed ? 9 : 1), .failed = failed});
  }
  for (int i = 0; i < 3; ++i) stage.Submit({});
  // Two waiting runs of a second each.
  EXPECT_EQ(stage.log.At(stage.last_ticket).retry_after, seconds(1));
}

TEST(SchedulerStateTest, RaisesTheTagOfAModelThatComesBack) {
  SchedulerStage stage;
  stage.AddDevice(1, 1);
  stage.AddVersion({.id = 1, .model = "a", .devices = {kCpu}});
  stage.AddVersion({.id = 2, .model = "b", .devices = {kCpu}});
  for (int i = 0; i < 10; ++i) {
    stage.Submit({.version = 1});
    stage.RunOne(0, seconds(1));
  }
  for (int i = 0; i < 4; ++i) stage.Submit({.version = 1});
  for (int i = 0; i < 4; ++i) stage.Submit({.version = 2});
  int num_second = 0;
  for (int i = 0; i < 4; ++i) num_second += stage.RunOne(0, seconds(1))[0] > 14;
  EXPECT_LE(num_second, 3);
}

TEST(SchedulerStateTest, ChargesAClaimedRunWhatItTook) {
  SchedulerStage stage;
  stage.AddDevice(3, 3);
  stage.AddVersion({.id = 1, .model = "a", .devices = {kCpu}});
  stage.AddVersion({.id = 2, .model = "b", .devices = {kCpu}});
  stage.Submit({.version = 1});
  stage.Take(0);
  stage.Advance(seconds(60));
  stage.ClaimStuck();
  for (const VersionId version : {1, 2, 2, 2})
    stage.Submit({.version = version});
  Tickets order;
  for (int i = 0; i < 3; ++i) order.push_back(stage.RunOne(1, seconds(9))[0]);
  EXPECT_EQ(order, (Tickets{3, 4, 5}));
}

}  // namespace
}  // namespace weir
