#include "server/pipeline/watchdog.h"

#include <chrono>
#include <deque>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/pipeline_rig.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

RigOptions WithSlots(int slots) {
  RigOptions options{.slots = slots};
  options.config.limits.run_time_max = seconds(2);
  options.config.limits.load_time_max = seconds(2);
  return options;
}

// Sends a request whose run wedges, and lets the watchdog claim it.
void Wedge(PipelineRig& rig, Reply& reply) {
  rig.Send("m", reply);
  rig.backend.Gate("stuck").AwaitInside(1);
  rig.clock.AwaitTimedWaiters(1);
  rig.clock.Advance(seconds(2));
  EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(reply.Await().refusal, Refusal::kWatchdog);
}

TEST(WatchdogTest, AnswersAWedgedRunAndGoesOnWithTheOtherSlot) {
  PipelineRig rig(WithSlots(2));
  rig.backend.Script("m", {.gate = "stuck", .waits = {.at = 1}});
  rig.Load("m");
  Reply wedged;
  Wedge(rig, wedged);
  EXPECT_THAT(rig.observer.lines(), Contains("stuck m on fake:0"));
  EXPECT_EQ(rig.slots().service().in_service, 1);
  Reply next;
  rig.Send("m", next);
  EXPECT_TRUE(next.Await().outputs.ok());
  rig.backend.Gate("stuck").Open();
}

TEST(WatchdogTest, LeavesARunAloneThatIsInTime) {
  PipelineRig rig(WithSlots(1));
  rig.backend.Script("m", {.gate = "stuck"});
  rig.Load("m");
  Reply reply;
  rig.Send("m", reply);
  rig.backend.Gate("stuck").AwaitInside(1);
  rig.clock.AwaitTimedWaiters(1);
  rig.clock.Advance(seconds(2) - milliseconds(1));
  rig.backend.Gate("stuck").Open();
  EXPECT_TRUE(reply.Await().outputs.ok());
}

TEST(WatchdogTest, BringsTheSlotBackOnceTheRunReturned) {
  PipelineRig rig(WithSlots(2));
  rig.backend.Script("m", {.gate = "stuck", .waits = {.at = 1}});
  rig.Load("m");
  Reply wedged;
  Wedge(rig, wedged);
  rig.observer.Await("fake:0 1 in service");
  rig.backend.Gate("stuck").Open();
  rig.observer.Await("fake:0 2 in service");
  EXPECT_EQ(rig.pipeline->scheduler().ViewModel("m").num_stuck, 0);
}

TEST(WatchdogTest, AnswersTheQueueOfAModelWhoseWholeCapIsStuck) {
  PipelineRig rig(WithSlots(2));
  rig.backend.Script("m", {.gate = "stuck", .waits = {.at = 1}});
  ModelConfig config;
  config.runs_max = 1;
  rig.Load("m", config);
  rig.Load("other");
  Reply wedged;
  rig.Send("m", wedged);
  rig.backend.Gate("stuck").AwaitInside(1);
  Reply waiting;
  rig.Send("m", waiting);
  rig.clock.AwaitTimedWaiters(1);
  rig.clock.Advance(seconds(2));
  EXPECT_EQ(waiting.AwaitCode(), absl::StatusCode::kUnavailable);
  Reply refused;
  rig.Send("m", refused);
  EXPECT_THAT(std::string(refused.Await().outputs.status().message()),
              HasSubstr("all its runs are stuck"));
  Reply other;
  rig.Send("other", other);
  EXPECT_TRUE(other.Await().outputs.ok());
  rig.backend.Gate("stuck").Open();
  while (!rig.pipeline->scheduler().WhyNotReady("m").ok()) {
    std::this_thread::yield();
  }
  Reply again;
  rig.Send("m", again);
  EXPECT_TRUE(again.Await().outputs.ok());
}

// Nothing else says so where the slot cannot be repaired.
TEST(WatchdogTest, TellsThatARunCameBackOnceItsModelMayRunAgain) {
  PipelineRig rig(WithSlots(2));
  rig.backend.Script("m", {.gate = "stuck", .waits = {.at = 1}});
  rig.backend.FailRevives("fake:0", 100);
  ModelConfig config;
  config.runs_max = 1;
  rig.Load("m", config);
  Reply wedged;
  Wedge(rig, wedged);
  EXPECT_FALSE(rig.pipeline->scheduler().WhyNotReady("m").ok());
  EXPECT_THAT(rig.observer.lines(), Not(Contains("returned m on fake:0")));
  rig.backend.Gate("stuck").Open();
  rig.observer.Await("returned m on fake:0");
  EXPECT_TRUE(rig.pipeline->scheduler().WhyNotReady("m").ok());
  EXPECT_EQ(rig.slots().service().in_service, 1);
}

TEST(WatchdogTest, LosesTheDeviceWhenAllItsSlotsAreStuck) {
  PipelineRig rig(WithSlots(1));
  rig.backend.Script("m", {.gate = "stuck", .waits = {.at = 1}});
  rig.Load("m");
  Reply wedged;
  Wedge(rig, wedged);
  rig.observer.Await("fake:0 0 in service, lost");
  Reply next;
  rig.Send("m", next);
  EXPECT_EQ(next.Await().refusal, Refusal::kDeviceDown);
  rig.backend.Gate("stuck").Open();
}

TEST(WatchdogTest, LosesTheDeviceWhenWhatIsNotStuckCannotBeRepaired) {
  PipelineRig rig(WithSlots(2));
  rig.backend.Script(
      "m", {.gate = "stuck", .waits = {.at = 2}, .faults = {.at = 1}});
  rig.backend.FailRevives("fake:0", 100);
  rig.Load("m");
  Reply broken;
  rig.Send("m", broken);
  EXPECT_EQ(broken.AwaitCode(), absl::StatusCode::kUnavailable);
  rig.observer.Await("fake:0 1 in service");
  Reply wedged;
  Wedge(rig, wedged);
  rig.observer.Await("fake:0 0 in service, lost");
  Reply next;
  rig.Send("m", next);
  EXPECT_EQ(next.Await().refusal, Refusal::kDeviceDown);
  rig.backend.Gate("stuck").Open();
}

TEST(WatchdogTest, FailsTheLoadsThatWaitBehindAStuckOne) {
  PipelineRig rig(WithSlots(2));
  rig.backend.Script("m", {.load_gate = "loading"});
  absl::Status behind;
  Thread second("second", [&] {
    rig.backend.Gate("loading").AwaitInside(1);
    behind = rig.TryLoad("n").status();
  });
  Thread unstick("unstick", [&] {
    while (rig.pipeline->store().List().size() < 2) std::this_thread::yield();
    rig.clock.AwaitTimedWaiters(1);
    rig.clock.Advance(seconds(2));
    rig.observer.Await("n/1 failed");
    rig.backend.Gate("loading").Open();
  });
  EXPECT_FALSE(rig.TryLoad("m").ok());
  second.Join();
  EXPECT_EQ(behind.code(), absl::StatusCode::kDeadlineExceeded);
  unstick.Join();
}

TEST(WatchdogTest, KeepsTheInputsOfAWedgedRunAliveUntilItReturns) {
  PipelineRig rig(WithSlots(2));
  rig.backend.Script("m", {.gate = "stuck", .waits = {.at = 1}});
  rig.Load("m");
  Reply wedged;
  auto message = std::make_shared<MessageHolder>();
  rig.Send("m", wedged, FloatTensor({1, 1}, {1}),
           {.message = std::move(message), .bytes = 64});
  rig.backend.Gate("stuck").AwaitInside(1);
  rig.clock.AwaitTimedWaiters(1);
  rig.clock.Advance(seconds(2));
  EXPECT_EQ(wedged.AwaitCode(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(rig.pipeline->budget().bytes_taken(), 64);
  rig.backend.Gate("stuck").Open();
  while (rig.pipeline->budget().bytes_taken() > 0) std::this_thread::yield();
}

TEST(WatchdogTest, FailsALoadThatIsStuckAndFreesWhatComesOfIt) {
  PipelineRig rig(WithSlots(2));
  rig.backend.Script("m", {.load_gate = "loading"});
  Thread unstick("unstick", [&] {
    rig.backend.Gate("loading").AwaitInside(1);
    rig.clock.AwaitTimedWaiters(1);
    rig.clock.Advance(seconds(2));
    rig.observer.Await("m/1 failed");
    rig.backend.Gate("loading").Open();
  });
  EXPECT_EQ(rig.TryLoad("m").status().code(),
            absl::StatusCode::kDeadlineExceeded);
  unstick.Join();
  rig.observer.Await("fake:0 2 in service");
  while (rig.backend.LiveModels() > 0) std::this_thread::yield();
}

}  // namespace
}  // namespace weir
