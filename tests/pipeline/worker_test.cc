#include "server/pipeline/worker.h"

#include <deque>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/pipeline_rig.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Sends `values` while the only slot is held by another request of the same
// model, so that they run as one batch.
void SendAsBatch(PipelineRig& rig, const std::vector<float>& values,
                 Reply& holder, std::deque<Reply>& replies) {
  rig.Send("m", holder, 0);
  rig.backend.Gate("hold").AwaitInside(1);
  for (const float value : values) {
    rig.Send("m", replies.emplace_back(), value);
  }
  rig.backend.Gate("hold").Open();
}

TEST(WorkerTest, RunsAFailedBatchAgainOneByOne) {
  PipelineRig rig;
  rig.backend.Script("m", {.gate = "hold", .poison = 13});
  rig.Load("m", Batched(8));
  Reply holder;
  std::deque<Reply> replies;
  SendAsBatch(rig, {1, 13, 3}, holder, replies);
  EXPECT_THAT(PipelineRig::Values(replies[0]), ElementsAre(1));
  EXPECT_EQ(replies[1].AwaitCode(), absl::StatusCode::kInternal);
  EXPECT_THAT(PipelineRig::Values(replies[2]), ElementsAre(3));
  EXPECT_EQ(rig.backend.RunCount(), 1 + 1 + 3);
}

TEST(WorkerTest, KeepsTheAnswersThatCameBeforeTheSlotFailed) {
  PipelineRig rig;
  rig.backend.Script("m", {.gate = "hold",
                           .fail_code = absl::StatusCode::kInvalidArgument,
                           .poison = 13,
                           .faults = {.at = 4}});
  rig.Load("m", Batched(8));
  Reply holder;
  std::deque<Reply> replies;
  SendAsBatch(rig, {13, 2, 3}, holder, replies);
  EXPECT_EQ(replies[0].AwaitCode(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(replies[1].AwaitCode(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(replies[2].AwaitCode(), absl::StatusCode::kUnavailable);
}

TEST(WorkerTest, DoesNotRunAStatefulModelAgain) {
  PipelineRig rig;
  rig.backend.Script("m", {.gate = "hold", .poison = 13});
  ModelConfig config = Batched(8);
  config.stateful = true;
  rig.Load("m", config);
  Reply holder;
  std::deque<Reply> replies;
  SendAsBatch(rig, {1, 13}, holder, replies);
  EXPECT_EQ(replies[0].AwaitCode(), absl::StatusCode::kInternal);
  EXPECT_EQ(replies[1].AwaitCode(), absl::StatusCode::kInternal);
  EXPECT_EQ(rig.backend.RunCount(), 1 + 1);
}

TEST(WorkerTest, KeepsTheModelsOwnWordForAFaultOfTheRequest) {
  PipelineRig rig;
  rig.backend.Script("m", {.fails = {.at = 1},
                           .fail_code = absl::StatusCode::kInvalidArgument});
  rig.Load("m");
  Reply reply;
  rig.Send("m", reply);
  EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kInvalidArgument);
}

// R35
TEST(WorkerTest, OutlivesEverythingThatAModelThrows) {
  for (const FakeException kind :
       {FakeException::kStandard, FakeException::kForeign,
        FakeException::kInteger}) {
    PipelineRig rig;
    rig.backend.Script("m", {.throws = {.at = 1}, .throw_kind = kind});
    rig.Load("m");
    Reply thrown;
    rig.Send("m", thrown);
    EXPECT_EQ(thrown.AwaitCode(), absl::StatusCode::kInternal);
    EXPECT_THAT(std::string(thrown.Await().outputs.status().message()),
                Not(HasSubstr("/")));
    Reply next;
    rig.Send("m", next);
    EXPECT_TRUE(next.Await().outputs.ok());
  }
}

TEST(WorkerTest, AnswersInternalWhereTheOutputsAreNotTheRows) {
  for (const FakeMisshape misshape :
       {FakeMisshape::kRowMissing, FakeMisshape::kExtraOutput}) {
    PipelineRig rig;
    rig.backend.Script("m", {.misshapes = {.at = 1}, .misshape = misshape});
    rig.Load("m", Batched(8));
    Reply reply;
    rig.Send("m", reply, FloatTensor({2, 1}, {1, 2}));
    EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kInternal);
    EXPECT_THAT(std::string(reply.Await().outputs.status().message()),
                HasSubstr("the model returned"));
  }
}

// The Nth run fails, in each of the ways, for N = 1, 2, ... until none does.
TEST(WorkerTest, AnswersEveryRequestWhicheverRunFails) {
  for (int n = 1; n <= 6; ++n) {
    for (const FakeScript& script :
         {FakeScript{.fails = {.at = n}}, FakeScript{.throws = {.at = n}},
          FakeScript{.misshapes = {.at = n}},
          FakeScript{.faults = {.at = n}}}) {
      PipelineRig rig({.slots = 2});
      rig.backend.Script("m", script);
      rig.Load("m", Batched(1));
      std::deque<Reply> replies(5);
      int num_failed = 0;
      for (Reply& reply : replies) {
        rig.Send("m", reply);
        num_failed += reply.Await().outputs.ok() ? 0 : 1;
      }
      EXPECT_EQ(num_failed, n <= 5 ? 1 : 0) << n;
    }
  }
}

TEST(WorkerTest, LeavesTheWorkToAnotherDeviceBeforeItWaitsForASlot) {
  PipelineRig rig({.devices = 2});
  ModelConfig config;
  config.devices = {"fake:0", "fake:1"};
  rig.Load("m", config);
  // The scheduler does not know of this lease: it wakes fake:0 first.
  SlotLease taken = *rig.slots(0).TryAcquire(-1);
  Reply reply;
  rig.Send("m", reply);
  EXPECT_TRUE(reply.Await().outputs.ok());
  EXPECT_EQ(rig.slots(1).Read().slots[0].rows, 1);
}

TEST(WorkerTest, RetiresASlotThatFailsAndHasItRepaired) {
  PipelineRig rig({.slots = 2});
  rig.backend.Script("m", {.faults = {.at = 1}});
  rig.Load("m");
  Reply broken;
  rig.Send("m", broken);
  EXPECT_EQ(broken.AwaitCode(), absl::StatusCode::kUnavailable);
  rig.observer.Await("fake:0 1 in service");
  rig.observer.Await("fake:0 2 in service");  // Revive worked
  Reply next;
  rig.Send("m", next);
  EXPECT_TRUE(next.Await().outputs.ok());
}

TEST(WorkerTest, GoesOnWithTheOtherSlotsWhereOneCannotBeRepaired) {
  PipelineRig rig({.slots = 2});
  rig.backend.Script("m", {.faults = {.at = 1}});
  rig.backend.FailRevives("fake:0", 100);
  rig.Load("m");
  Reply broken;
  rig.Send("m", broken);
  EXPECT_EQ(broken.AwaitCode(), absl::StatusCode::kUnavailable);
  rig.observer.Await("fake:0 1 in service");
  for (int i = 0; i < 10; ++i) {
    Reply next;
    rig.Send("m", next);
    EXPECT_TRUE(next.Await().outputs.ok());
  }
}

TEST(WorkerTest, AnswersAllThatWaitForADeviceThatIsLost) {
  PipelineRig rig;
  rig.backend.Script(
      "m", {.gate = "hold", .faults = {.at = 1}, .fault = Fault::kDevice});
  rig.backend.FailRevives("fake:0", 100);
  rig.Load("m");
  std::deque<Reply> replies(5);
  rig.Send("m", replies[0]);
  rig.backend.Gate("hold").AwaitInside(1);
  for (size_t i = 1; i < replies.size(); ++i) rig.Send("m", replies[i]);
  rig.backend.Gate("hold").Open();
  for (Reply& reply : replies) {
    EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kUnavailable);
  }
  Reply late;
  rig.Send("m", late);
  EXPECT_EQ(late.AwaitCode(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(late.Await().refusal, Refusal::kDeviceDown)
      << testing::PrintToString(rig.observer.lines());
}

TEST(WorkerTest, CountsABatchOnTheSlotThatRanIt) {
  PipelineRig rig;
  rig.Load("m", Batched(8));
  Reply reply;
  rig.Send("m", reply, FloatTensor({3, 1}, {1, 2, 3}));
  EXPECT_TRUE(reply.Await().outputs.ok());
  const SlotPool::Snapshot snapshot = rig.slots().Read();
  EXPECT_EQ(snapshot.slots[0].rows, 3);
  EXPECT_EQ(snapshot.slots[0].leases, 1);
  EXPECT_EQ(snapshot.slots[0].failures, 0);
}

// R08
TEST(WorkerTest, HoldsNoLeaseWhenIdleThoughItsThreadLives) {
  PipelineRig rig({.slots = 4});
  rig.Load("m");
  std::deque<Reply> replies(100);
  for (Reply& reply : replies) rig.Send("m", reply);
  for (Reply& reply : replies) EXPECT_TRUE(reply.Await().outputs.ok());
  while (rig.pipeline->scheduler().ViewDevice(0).num_idle < 4) {
    std::this_thread::yield();
  }
  EXPECT_EQ(rig.slots().Read().num_leased, 0);
}

}  // namespace
}  // namespace weir
