#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/pipeline/pipeline.h"
#include "tests/support/pipeline_rig.h"

namespace weir {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

// R39
TEST(DrainTest, AnswersAllThatWasAccepted) {
  PipelineRig rig({.slots = 2});
  rig.backend.Script("m", {.gate = "hold"});
  rig.Load("m");
  std::deque<Reply> replies(100);
  for (Reply& reply : replies) rig.Send("m", reply);
  rig.backend.Gate("hold").AwaitInside(2);
  Thread drain("drain", [&] { EXPECT_TRUE(rig.pipeline->Drain()); });
  rig.backend.Gate("hold").Open();
  drain.Join();
  for (Reply& reply : replies) EXPECT_TRUE(reply.Await().outputs.ok());
  rig.pipeline.reset();
  EXPECT_EQ(rig.backend.LiveModels(), 0);
}

TEST(DrainTest, RefusesNewRequestsFromItsBeginning) {
  PipelineRig rig;
  rig.Load("m");
  rig.pipeline->scheduler().StartDraining();
  Reply reply;
  rig.Send("m", reply);
  EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(reply.Await().refusal, Refusal::kDraining);
}

TEST(DrainTest, RunsPartialBatchesAtOnce) {
  PipelineRig rig;
  rig.Load("m", Batched(8, hours(1)));
  Reply reply;
  rig.Send("m", reply);
  EXPECT_TRUE(rig.pipeline->Drain());
  EXPECT_TRUE(reply.Await().outputs.ok());
}

TEST(DrainTest, AnswersTheRestAtItsDeadline) {
  RigOptions options;
  options.config.drain.deadline = seconds(1);
  PipelineRig rig(options);
  rig.backend.Script("m", {.gate = "hold"});
  rig.Load("m");
  Reply running;
  Reply waiting;
  rig.Send("m", running);
  rig.backend.Gate("hold").AwaitInside(1);
  rig.Send("m", waiting);
  Thread drain("drain", [&] { EXPECT_FALSE(rig.pipeline->Drain()); });
  rig.clock.AwaitTimedWaiters(2);  // the watchdog and the drain
  rig.clock.Advance(seconds(1));
  EXPECT_EQ(waiting.AwaitCode(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(waiting.Await().refusal, Refusal::kDraining);
  EXPECT_EQ(running.AwaitCode(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(running.Await().refusal, Refusal::kDraining);
  drain.Join();
  rig.backend.Gate("hold").Open();  // the run comes back to nobody
}

TEST(DrainTest, StillAcceptsRequestsInItsGrace) {
  RigOptions options;
  options.config.drain.grace = seconds(5);
  PipelineRig rig(options);
  rig.Load("m");
  Thread drain("drain", [&] { EXPECT_TRUE(rig.pipeline->Drain()); });
  rig.clock.AwaitTimedWaiters(2);  // the watchdog and the grace
  Reply reply;
  rig.Send("m", reply);
  EXPECT_TRUE(reply.Await().outputs.ok());
  rig.clock.Advance(seconds(5));
  drain.Join();
  Reply late;
  rig.Send("m", late);
  EXPECT_EQ(late.Await().refusal, Refusal::kDraining);
}

TEST(DrainTest, HoldsAsManyAnswersAsRequestsInItsLedger) {
  PipelineRig rig({.slots = 2});
  rig.Load("m");
  std::deque<Reply> replies(50);
  for (Reply& reply : replies) rig.Send("m", reply);
  EXPECT_TRUE(rig.pipeline->Drain());
  for (Reply& reply : replies) EXPECT_TRUE(reply.Await().outputs.ok());
  EXPECT_EQ(rig.pipeline->ledger().accepted, 50);
  EXPECT_EQ(rig.pipeline->ledger().answered, 50);
  EXPECT_EQ(rig.pipeline->ledger().lost, 0);
}

TEST(DrainTest, LeavesNoModelNoLeaseAndNoThreadBehind) {
  PipelineRig rig({.devices = 2, .slots = 3});
  ModelConfig config;
  config.devices = {"fake:0", "fake:1"};
  rig.Load("m", config);
  EXPECT_EQ(rig.backend.LiveModels(), 2);
  rig.pipeline->Drain();
  rig.pipeline.reset();
  EXPECT_EQ(rig.backend.LiveModels(), 0);
  EXPECT_EQ(rig.backend.FreeCount(), 2);
}

}  // namespace
}  // namespace weir
