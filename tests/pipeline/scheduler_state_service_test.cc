// SchedulerState's bad days: stuck runs, lost devices, and reloads.
#include <chrono>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/pipeline/scheduler_stage.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Tickets = std::vector<Ticket>;

constexpr DeviceIndex kFirst = 0;
constexpr DeviceIndex kSecond = 1;

class SchedulerServiceTest : public ::testing::Test {
 protected:
  void AddVersion(VersionId id, std::vector<DeviceIndex> devices = {kFirst},
                  int runs_max = 0, int requests_max = 512) {
    stage_.AddVersion({.id = id,
                       .model = "m",
                       .devices = std::move(devices),
                       .runs_max = runs_max,
                       .requests_max = requests_max});
  }
  // Starts a run of a new request on this worker and lets it get stuck.
  TakenBatch GetStuck(WorkerId worker) {
    stage_.Submit({});
    TakenBatch batch = stage_.Take(worker);
    stage_.Advance(seconds(60));
    return batch;
  }
  bool IsReady() { return stage_.state.WhyNotReady("m").ok(); }

  SchedulerStage stage_;
};

TEST_F(SchedulerServiceTest, ClaimsARunThatTookTooLong) {
  stage_.AddDevice(2, 2);
  AddVersion(1);
  stage_.Submit({});
  const TakenBatch batch = stage_.Take(1);
  EXPECT_EQ(stage_.state.NextRunDeadline(), stage_.now + seconds(60));
  stage_.Advance(seconds(60) - Duration(1));
  EXPECT_TRUE(stage_.ClaimStuck().empty());
  stage_.Advance(Duration(1));
  const std::vector<ClaimedRun> claimed = stage_.ClaimStuck();
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].lease, 2U);
  EXPECT_EQ(claimed[0].model, "m");
  EXPECT_FALSE(claimed[0].all_slots_stuck);
  EXPECT_EQ(stage_.log.refusal(1), Refusal::kWatchdog);
  EXPECT_TRUE(batch.stop->load());
}

TEST_F(SchedulerServiceTest, AnswersAClaimedRunOnce) {
  stage_.AddDevice(2, 2);
  AddVersion(1);
  const TakenBatch batch = GetStuck(0);
  stage_.ClaimStuck();
  EXPECT_TRUE(stage_.ClaimStuck().empty());
  stage_.Cancel(1);
  EXPECT_FALSE(stage_.Finish(batch));
  EXPECT_EQ(stage_.log.count(1), 1);
  EXPECT_EQ(stage_.state.num_running(), 0U);
}

TEST_F(SchedulerServiceTest, ClaimsNothingThatWasFinished) {
  stage_.AddDevice(1, 1);
  AddVersion(1);
  const TakenBatch batch = GetStuck(0);
  EXPECT_TRUE(stage_.Finish(batch));
  EXPECT_TRUE(stage_.ClaimStuck().empty());
  EXPECT_EQ(stage_.log.code(1), absl::StatusCode::kOk);
}

TEST_F(SchedulerServiceTest, GivesARunThatStartsOverItsTimeAgain) {
  stage_.AddDevice(1, 1);
  AddVersion(1);
  const TakenBatch batch = GetStuck(0);
  EXPECT_TRUE(stage_.state.Extend(batch.run, stage_.now));
  EXPECT_TRUE(stage_.ClaimStuck().empty());
  stage_.Advance(seconds(60));
  stage_.ClaimStuck();
  EXPECT_FALSE(stage_.state.Extend(batch.run, stage_.now));
}

TEST_F(SchedulerServiceTest, KeepsTheCapOfAStuckRunTaken) {
  stage_.AddDevice(3, 3);
  AddVersion(1, {kFirst}, /*runs_max=*/2);
  const TakenBatch batch = GetStuck(0);
  stage_.ClaimStuck();
  stage_.Submit({});
  stage_.Submit({});
  EXPECT_NE(stage_.Take(1).run, 0U);
  EXPECT_FALSE(stage_.Seek(2));
  stage_.Finish(batch);
  EXPECT_TRUE(stage_.Seek(2));
}

TEST_F(SchedulerServiceTest, IsNotReadyWhileItsWholeCapIsStuck) {
  stage_.AddDevice(2, 2);
  AddVersion(1, {kFirst}, /*runs_max=*/1);
  const TakenBatch batch = GetStuck(0);
  const Ticket queued = stage_.Submit({});
  EXPECT_TRUE(IsReady());
  stage_.ClaimStuck();
  EXPECT_FALSE(IsReady());
  EXPECT_EQ(stage_.log.refusal(queued), Refusal::kNotReady);
  EXPECT_EQ(stage_.log.message(queued),
            "model \"m\" is not ready: all its runs are stuck");
  EXPECT_EQ(stage_.log.refusal(stage_.Submit({})), Refusal::kNotReady);
  stage_.Finish(batch);
  EXPECT_TRUE(IsReady());
  EXPECT_EQ(stage_.RunOne(1), Tickets{});
}

TEST_F(SchedulerServiceTest, IsNotReadyWhenOneDeviceIsLostAndTheOtherStuck) {
  stage_.AddDevice(1, 1);
  stage_.AddDevice(1, 1);
  AddVersion(1, {kFirst, kSecond});
  GetStuck(0);
  const Ticket queued = stage_.Submit({});
  stage_.Tell(kSecond, 1, 0, /*lost=*/true);
  EXPECT_EQ(stage_.log.count(queued), 0);
  stage_.ClaimStuck();
  EXPECT_FALSE(IsReady());
  EXPECT_EQ(stage_.log.refusal(queued), Refusal::kNotReady);
}

TEST_F(SchedulerServiceTest, TellsWhenAllSlotsOfADeviceAreStuck) {
  stage_.AddDevice(2, 2);
  AddVersion(1);
  stage_.Submit({});
  stage_.Submit({});
  stage_.Take(0);
  stage_.Take(1);
  stage_.Advance(seconds(60));
  const std::vector<ClaimedRun> claimed = stage_.ClaimStuck();
  ASSERT_EQ(claimed.size(), 2U);
  EXPECT_FALSE(claimed[0].all_slots_stuck);
  EXPECT_TRUE(claimed[1].all_slots_stuck);
}

TEST_F(SchedulerServiceTest, AnswersItsQueueWhenADeviceIsLost) {
  stage_.AddDevice(1, 1);
  AddVersion(1);
  const Ticket running = stage_.Submit({});
  const TakenBatch batch = stage_.Take(0);
  const Ticket queued = stage_.Submit({});
  stage_.Tell(kFirst, 1, 0, /*lost=*/true);
  EXPECT_EQ(stage_.log.refusal(queued), Refusal::kDeviceDown);
  EXPECT_EQ(stage_.log.message(queued), "model \"m\": its device is lost");
  EXPECT_EQ(stage_.log.refusal(stage_.Submit({})), Refusal::kDeviceDown);
  EXPECT_FALSE(IsReady());
  stage_.Finish(batch);
  EXPECT_EQ(stage_.log.code(running), absl::StatusCode::kOk);
}

TEST_F(SchedulerServiceTest, TakesRequestsAgainWhenADeviceReturns) {
  stage_.AddDevice(1, 1);
  AddVersion(1);
  stage_.Tell(kFirst, 1, 0, /*lost=*/true);
  stage_.Tell(kFirst, 2, 1);
  const Ticket ticket = stage_.Submit({});
  EXPECT_EQ(stage_.RunOne(0), Tickets{ticket});
}

TEST_F(SchedulerServiceTest, IgnoresOlderNews) {
  stage_.AddDevice(1, 1);
  AddVersion(1);
  stage_.Tell(kFirst, 3, 1);
  const Ticket queued = stage_.Submit({});
  stage_.Tell(kFirst, 2, 0, /*lost=*/true);
  stage_.Tell(kFirst, 3, 0, /*lost=*/true);
  EXPECT_EQ(stage_.log.count(queued), 0);
  EXPECT_TRUE(stage_.Seek(0));
}

TEST_F(SchedulerServiceTest, GoesOnWhereAnotherDeviceHoldsTheModel) {
  stage_.AddDevice(1, 1);
  stage_.AddDevice(1, 1);
  AddVersion(1, {kFirst, kSecond});
  const Ticket ticket = stage_.Submit({});
  stage_.Tell(kFirst, 1, 0, /*lost=*/true);
  EXPECT_TRUE(IsReady());
  EXPECT_EQ(stage_.RunOne(1), Tickets{ticket});
}

TEST_F(SchedulerServiceTest, RunsNothingWhileNoSlotIsInService) {
  stage_.AddDevice(1, 1);
  AddVersion(1);
  const Ticket ticket = stage_.Submit({});
  stage_.Tell(kFirst, 1, 0);
  EXPECT_FALSE(stage_.Seek(0));
  EXPECT_EQ(stage_.log.count(ticket), 0);
}

TEST_F(SchedulerServiceTest, IsNotReadyWhileNoSlotIsInService) {
  stage_.AddDevice(1, 1);
  AddVersion(1);
  stage_.Tell(kFirst, 1, 0);
  EXPECT_EQ(stage_.state.WhyNotReady("m").message(),
            "model \"m\" is not ready: no slot of its device is in service");
  stage_.Tell(kFirst, 2, 1);
  EXPECT_TRUE(IsReady());
}

TEST_F(SchedulerServiceTest, IsReadyWhereAnotherDeviceHasASlotInService) {
  stage_.AddDevice(1, 1);
  stage_.AddDevice(1, 1);
  AddVersion(1, {kFirst, kSecond});
  stage_.Tell(kFirst, 1, 0);
  EXPECT_TRUE(IsReady());
  GetStuck(1);
  stage_.ClaimStuck();
  EXPECT_FALSE(IsReady());
}

TEST_F(SchedulerServiceTest, AnswersAVersionWhoseOwnDeviceIsLost) {
  stage_.AddDevice(1, 1);
  stage_.AddDevice(1, 1);
  AddVersion(1, {kFirst});
  AddVersion(2, {kSecond});
  const Ticket first = stage_.Submit({.version = 1});
  const Ticket second = stage_.Submit({.version = 2});
  stage_.Tell(kFirst, 1, 0, /*lost=*/true);
  EXPECT_EQ(stage_.log.refusal(first), Refusal::kDeviceDown);
  EXPECT_EQ(stage_.log.refusal(stage_.Submit({.version = 1})),
            Refusal::kDeviceDown);
  EXPECT_EQ(stage_.RunOne(1), Tickets{second});
}

TEST_F(SchedulerServiceTest, ForgetsADeviceThatNoVersionUsesAnyMore) {
  stage_.AddDevice(1, 1);
  stage_.AddDevice(1, 1);
  AddVersion(1, {kFirst});
  AddVersion(2, {kSecond});
  stage_.state.RemoveVersion(1);
  stage_.Tell(kSecond, 1, 0, /*lost=*/true);
  EXPECT_FALSE(IsReady());
  EXPECT_FALSE(stage_.state.ViewDevice(kFirst).has_eligible);
}

TEST_F(SchedulerServiceTest, CountsOnTheDevicesThatAreLeftAlone) {
  stage_.AddDevice(1, 1);
  stage_.AddDevice(1, 1);
  AddVersion(1, {kFirst});
  stage_.Submit({.version = 1});
  stage_.RunOne(0, seconds(1));
  AddVersion(2, {kSecond}, 0, /*requests_max=*/4);
  stage_.state.RemoveVersion(1);
  stage_.Submit({.version = 2});
  stage_.RunOne(1, seconds(1));
  for (int i = 0; i < 5; ++i) stage_.Submit({.version = 2});
  // Four waiting runs of a second each, one at a time.
  EXPECT_EQ(stage_.log.At(stage_.last_ticket).retry_after, seconds(2));
}

TEST_F(SchedulerServiceTest, SharesTheCapBetweenTwoVersions) {
  stage_.AddDevice(2, 2);
  AddVersion(1, {kFirst}, /*runs_max=*/1);
  AddVersion(2, {kFirst}, /*runs_max=*/1);
  stage_.Submit({.version = 1});
  stage_.Submit({.version = 2});
  EXPECT_NE(stage_.Take(0).run, 0U);
  EXPECT_FALSE(stage_.Seek(1));
}

TEST_F(SchedulerServiceTest, SharesTheBoundOfTheNewestVersion) {
  stage_.AddDevice(1, 1);
  AddVersion(1, {kFirst}, 0, /*requests_max=*/4);
  AddVersion(2, {kFirst}, 0, /*requests_max=*/2);
  stage_.Submit({.version = 1});
  stage_.Submit({.version = 2});
  const Ticket refused = stage_.Submit({.version = 1});
  EXPECT_EQ(stage_.log.message(refused),
            "queue full (2 of 2), retry after 10 ms");
}

TEST_F(SchedulerServiceTest, RunsTheOldVersionsRequestsFirst) {
  stage_.AddDevice(1, 1);
  AddVersion(1);
  stage_.Submit({.version = 1});
  stage_.Submit({.version = 1});
  AddVersion(2);
  stage_.Submit({.version = 2});
  for (const Ticket ticket : {1, 2, 3}) {
    EXPECT_EQ(stage_.RunOne(0), Tickets{ticket});
  }
}

TEST_F(SchedulerServiceTest, LetsNoVersionStarveAnother) {
  stage_.AddDevice(1, 1);
  AddVersion(1);
  AddVersion(2);
  stage_.Submit({.version = 1});
  const Ticket newer = stage_.Submit({.version = 2});
  stage_.Submit({.version = 1});
  stage_.RunOne(0);
  EXPECT_EQ(stage_.RunOne(0), Tickets{newer});
}

TEST_F(SchedulerServiceTest, KeepsALoweredCapWhenTheNewerVersionIsRemoved) {
  stage_.AddDevice(2, 2);
  AddVersion(1, {kFirst}, /*runs_max=*/1);
  AddVersion(2, {kFirst}, /*runs_max=*/2);
  stage_.Submit({.version = 1});
  stage_.Take(0);
  stage_.Submit({.version = 1});
  stage_.state.RemoveVersion(2);
  EXPECT_FALSE(stage_.Seek(1));
}

TEST_F(SchedulerServiceTest, ForgetsAModelWithItsLastVersion) {
  stage_.AddDevice(1, 1);
  AddVersion(1);
  stage_.state.RemoveVersion(1);
  EXPECT_FALSE(IsReady());
  AddVersion(2);
  const Ticket ticket = stage_.Submit({.version = 2});
  EXPECT_EQ(stage_.RunOne(0), Tickets{ticket});
}

TEST_F(SchedulerServiceTest, DiesWhenAVersionInUseIsRemoved) {
  stage_.AddDevice(1, 1);
  AddVersion(1);
  stage_.Submit({});
  EXPECT_DEATH(stage_.state.RemoveVersion(1), "nothing of it is left");
  stage_.Take(0);
  EXPECT_DEATH(stage_.state.RemoveVersion(1), "nothing of it is left");
}

// R23
TEST_F(SchedulerServiceTest, LearnsNoNameFromALookUp) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(stage_.state.WhyNotReady("unknown").ok());
    EXPECT_EQ(stage_.state.ViewModel("unknown").num_queued, 0);
  }
  EXPECT_EQ(stage_.state.NextTimedChange(), kNever);
}

}  // namespace
}  // namespace weir
