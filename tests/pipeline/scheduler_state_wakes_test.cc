// SchedulerState's wake-ups: one for each need, and none lost.
#include <chrono>
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

constexpr DeviceIndex kFirst = 0;
constexpr DeviceIndex kSecond = 1;

class SchedulerWakesTest : public ::testing::Test {
 protected:
  // Workers are numbered from 0 over the devices in their order.
  void AddDevice(int num_slots, int num_workers) {
    stage_.AddDevice(num_slots, num_workers);
    num_workers_ += num_workers;
  }
  void AddModel(VersionId id, std::vector<DeviceIndex> devices,
                const BatchPolicy& batch = {}) {
    stage_.AddVersion({.id = id,
                       .model = "m" + std::to_string(id),
                       .devices = std::move(devices),
                       .batch = batch});
  }
  // All workers find nothing to do, in their order.
  void AllIdle() {
    for (WorkerId worker = 0; worker < num_workers_; ++worker) {
      EXPECT_FALSE(stage_.Seek(worker));
    }
  }
  std::vector<WorkerId> Wakes() { return stage_.state.TakeWakes(); }

  SchedulerStage stage_;
  int num_workers_ = 0;
};

TEST_F(SchedulerWakesTest, WakesTheOneThatWentIdleLast) {
  AddDevice(3, 3);
  AddModel(1, {kFirst});
  AllIdle();
  stage_.Submit({});
  EXPECT_THAT(Wakes(), ElementsAre(2));
}

// R06
TEST_F(SchedulerWakesTest, WakesNobodyElseWhileOneIsOnItsWay) {
  AddDevice(3, 3);
  AddModel(1, {kFirst});
  AllIdle();
  stage_.Submit({});
  Wakes();
  stage_.Submit({});
  EXPECT_THAT(Wakes(), IsEmpty());
}

// R05
TEST_F(SchedulerWakesTest, PassesTheBatonWhenABatchIsTaken) {
  AddDevice(2, 2);
  AddModel(1, {kFirst});
  AllIdle();
  stage_.Submit({});
  stage_.Submit({});
  EXPECT_THAT(Wakes(), ElementsAre(1));
  stage_.Take(1);
  EXPECT_THAT(Wakes(), ElementsAre(0));
}

TEST_F(SchedulerWakesTest, KeepsTheBatonWhenNothingIsLeft) {
  AddDevice(2, 2);
  AddModel(1, {kFirst});
  AllIdle();
  stage_.Submit({});
  Wakes();
  stage_.Take(1);
  EXPECT_THAT(Wakes(), IsEmpty());
}

TEST_F(SchedulerWakesTest, WakesNobodyBehindOneThatWaitsForASlot) {
  AddDevice(1, 2);
  AddModel(1, {kFirst});
  AllIdle();
  stage_.Submit({});
  Wakes();
  stage_.state.PassBaton(1, stage_.now);
  stage_.Submit({});
  EXPECT_THAT(Wakes(), IsEmpty());
}

TEST_F(SchedulerWakesTest, WakesOneWhenACapIsGivenBack) {
  AddDevice(2, 2);
  stage_.AddVersion(
      {.id = 1, .model = "m", .devices = {kFirst}, .runs_max = 1});
  AllIdle();
  stage_.Submit({});
  stage_.Submit({});
  const TakenBatch batch = stage_.Take(1);
  Wakes();
  stage_.Finish(batch);
  EXPECT_THAT(Wakes(), ElementsAre(0));
}

TEST_F(SchedulerWakesTest, WakesOneWhenADelayIsOver) {
  AddDevice(1, 1);
  AddModel(1, {kFirst}, {.rows_max = 4, .delay_max = milliseconds(5)});
  AllIdle();
  stage_.Submit({});
  EXPECT_THAT(Wakes(), IsEmpty());
  stage_.Advance(milliseconds(5));
  stage_.Expire();
  EXPECT_THAT(Wakes(), ElementsAre(0));
}

TEST_F(SchedulerWakesTest, WakesOneWhenTheDelaysOfAVersionEnd) {
  AddDevice(1, 1);
  AddModel(1, {kFirst}, {.rows_max = 4, .delay_max = milliseconds(5)});
  AllIdle();
  stage_.Submit({});
  stage_.state.EndDelays(1, stage_.now);
  EXPECT_THAT(Wakes(), ElementsAre(0));
}

TEST_F(SchedulerWakesTest, WakesOneWhenAParkedRequestIsPromoted) {
  AddDevice(2, 2);
  AddModel(1, {kFirst});
  AllIdle();
  stage_.Submit({.exclusive_key = "k"});
  stage_.Submit({.exclusive_key = "k"});
  const TakenBatch batch = stage_.Take(1);
  Wakes();
  stage_.Finish(batch);
  EXPECT_THAT(Wakes(), ElementsAre(0));
}

TEST_F(SchedulerWakesTest, WakesOneWhenExpiryUncoversWorkThatMayRun) {
  AddDevice(1, 1);
  AddModel(1, {kFirst}, {.rows_max = 2, .delay_max = seconds(1)});
  AllIdle();
  stage_.Submit({.key = "a", .deadline = milliseconds(5)});
  stage_.Submit({.key = "b"});
  stage_.Submit({.key = "b"});
  EXPECT_THAT(Wakes(), IsEmpty());
  stage_.Advance(milliseconds(5));
  stage_.Expire();
  EXPECT_THAT(Wakes(), ElementsAre(0));
}

TEST_F(SchedulerWakesTest, WakesOneWhenACancelUncoversWorkThatMayRun) {
  AddDevice(1, 1);
  AddModel(1, {kFirst}, {.rows_max = 2, .delay_max = seconds(1)});
  AllIdle();
  const Ticket first = stage_.Submit({.key = "a"});
  stage_.Submit({.key = "b"});
  stage_.Submit({.key = "b"});
  stage_.Cancel(first);
  EXPECT_THAT(Wakes(), ElementsAre(0));
}

TEST_F(SchedulerWakesTest, WakesOneForABatchThatTwoDevicesMayRun) {
  AddDevice(1, 1);
  AddDevice(1, 1);
  AddModel(1, {kFirst, kSecond});
  AllIdle();
  stage_.Submit({});
  EXPECT_EQ(Wakes().size(), 1U);
}

TEST_F(SchedulerWakesTest, WakesTheDeviceThatHasAFreeSlot) {
  AddDevice(1, 2);
  AddDevice(1, 1);
  AddModel(1, {kFirst});
  AddModel(2, {kFirst, kSecond});
  AllIdle();
  stage_.Submit({.version = 1});
  stage_.Take(1);
  Wakes();
  stage_.Submit({.version = 2});
  EXPECT_THAT(Wakes(), ElementsAre(2));
}

TEST_F(SchedulerWakesTest, CountsNoStuckRunAgainstTheFreeSlots) {
  AddDevice(2, 2);
  AddDevice(1, 1);
  AddModel(1, {kFirst});
  AddModel(2, {kFirst, kSecond});
  AllIdle();
  stage_.Submit({.version = 1});
  stage_.Take(1);
  stage_.Advance(seconds(60));
  stage_.ClaimStuck();
  stage_.Tell(kFirst, /*number=*/1, /*in_service=*/1);
  Wakes();
  stage_.Submit({.version = 2});
  EXPECT_THAT(Wakes(), ElementsAre(0));
}

TEST_F(SchedulerWakesTest, PassesTheBatonToTheOtherDeviceWhenOneMustWait) {
  AddDevice(1, 1);
  AddDevice(1, 1);
  AddModel(1, {kFirst, kSecond});
  AllIdle();
  stage_.Submit({});
  EXPECT_THAT(Wakes(), ElementsAre(0));
  stage_.state.PassBaton(0, stage_.now);
  EXPECT_THAT(Wakes(), ElementsAre(1));
}

TEST_F(SchedulerWakesTest, RunsABatchOnceWhenTwoDevicesMayRunIt) {
  AddDevice(1, 1);
  AddDevice(1, 1);
  AddModel(1, {kFirst, kSecond});
  stage_.Submit({});
  EXPECT_TRUE(stage_.Seek(0));
  EXPECT_TRUE(stage_.Seek(1));
  EXPECT_NE(stage_.Take(0).run, 0U);
  EXPECT_EQ(stage_.Take(1).run, 0U);
}

TEST_F(SchedulerWakesTest, WakesTheOtherDeviceWhenTheSeekerLosesItsOwn) {
  AddDevice(1, 1);
  AddDevice(1, 1);
  AddModel(1, {kFirst, kSecond});
  AllIdle();
  stage_.Submit({});
  EXPECT_THAT(Wakes(), ElementsAre(0));
  stage_.Tell(kFirst, /*number=*/1, /*in_service=*/0);
  EXPECT_THAT(Wakes(), ElementsAre(1));
}

TEST_F(SchedulerWakesTest, WakesBothDevicesForTwoModels) {
  AddDevice(1, 1);
  AddDevice(1, 1);
  AddModel(1, {kFirst});
  AddModel(2, {kSecond});
  AllIdle();
  stage_.Submit({.version = 1});
  stage_.Submit({.version = 2});
  EXPECT_THAT(Wakes(), ElementsAre(0, 1));
}

TEST_F(SchedulerWakesTest, WakesOneWhenASlotReturns) {
  AddDevice(1, 1);
  AddModel(1, {kFirst});
  stage_.Tell(kFirst, /*number=*/1, /*in_service=*/0);
  AllIdle();
  stage_.Submit({});
  EXPECT_THAT(Wakes(), IsEmpty());
  stage_.Tell(kFirst, /*number=*/2, /*in_service=*/1);
  EXPECT_THAT(Wakes(), ElementsAre(0));
}

TEST_F(SchedulerWakesTest, WakesOneWhenANewVersionRaisesTheCap) {
  AddDevice(2, 2);
  VersionSpec spec{.id = 1, .model = "m", .devices = {kFirst}, .runs_max = 1};
  stage_.AddVersion(spec);
  AllIdle();
  stage_.Submit({});
  stage_.Submit({});
  stage_.Take(1);
  Wakes();
  spec.id = 2;
  spec.runs_max = 2;
  stage_.AddVersion(spec);
  EXPECT_THAT(Wakes(), ElementsAre(0));
}

TEST_F(SchedulerWakesTest, WakesOneWhenTheVersionThatLoweredTheCapIsRemoved) {
  AddDevice(2, 2);
  VersionSpec spec{.id = 1, .model = "m", .devices = {kFirst}, .runs_max = 2};
  stage_.AddVersion(spec);
  spec.id = 2;
  spec.runs_max = 1;
  stage_.AddVersion(spec);
  AllIdle();
  stage_.Submit({});
  stage_.Submit({});
  stage_.Take(1);
  Wakes();
  stage_.state.RemoveVersion(2);
  EXPECT_THAT(Wakes(), ElementsAre(0));
}

}  // namespace
}  // namespace weir
