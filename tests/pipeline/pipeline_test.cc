#include "server/pipeline/pipeline.h"

#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/pipeline_rig.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

TEST(PipelineTest, AnswersARequest) {
  PipelineRig rig;
  rig.backend.Script("m", {.compute = FakeCompute::kAffine, .offset = 1});
  rig.Load("m");
  Reply reply;
  rig.Send("m", reply, 41);
  EXPECT_THAT(PipelineRig::Values(reply), ElementsAre(42));
}

TEST(PipelineTest, GivesEachRequestOfABatchItsOwnRows) {
  PipelineRig rig;
  rig.backend.Script("m", {.compute = FakeCompute::kAffine, .scale = 10});
  rig.Load("m", Batched(3, seconds(1)));
  Reply one;
  Reply two;
  rig.Send("m", one, FloatTensor({1, 1}, {1}));
  rig.Send("m", two, FloatTensor({2, 1}, {2, 3}));
  EXPECT_THAT(PipelineRig::Values(one), ElementsAre(10));
  EXPECT_THAT(PipelineRig::Values(two), ElementsAre(20, 30));
  EXPECT_THAT(rig.metrics.Values("m", "batch_rows"), ElementsAre(3));
}

TEST(PipelineTest, RunsAPartialBatchOnceItsOldestHasWaited) {
  PipelineRig rig;
  rig.Load("m", Batched(8, milliseconds(5)));
  Reply reply;
  rig.Send("m", reply);
  rig.clock.AwaitTimedWaiters(2);  // the timer and the watchdog
  EXPECT_FALSE(reply.IsThere());
  rig.clock.Advance(milliseconds(5));
  EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kOk);
}

TEST(PipelineTest, FillsABatchWhileAllSlotsAreBusy) {
  PipelineRig rig;
  rig.backend.Script("m", {.gate = "hold"});
  rig.Load("m", Batched(8));
  std::deque<Reply> replies(5);
  rig.Send("m", replies[0]);
  rig.backend.Gate("hold").AwaitInside(1);
  for (size_t i = 1; i < replies.size(); ++i) rig.Send("m", replies[i]);
  rig.backend.Gate("hold").Open();
  for (Reply& reply : replies) EXPECT_TRUE(reply.Await().outputs.ok());
  // Either may be answered first.
  EXPECT_THAT(rig.metrics.Values("m", "batch_rows"),
              UnorderedElementsAre(1, 4));
}

TEST(PipelineTest, ExpiresAWaitingRequestOnTimeWhileEverySlotIsBusy) {
  PipelineRig rig;
  rig.backend.Script("m", {.gate = "hold"});
  rig.Load("m");
  Reply running;
  Reply waiting;
  rig.Send("m", running);
  rig.backend.Gate("hold").AwaitInside(1);
  rig.Send("m", waiting, FloatTensor({1, 1}, {1}),
           {.deadline = rig.clock.Now() + milliseconds(20)});
  rig.clock.AwaitTimedWaiters(2);
  rig.clock.Advance(milliseconds(20));
  EXPECT_EQ(waiting.AwaitCode(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(waiting.Await().outputs.status().message()),
              HasSubstr("in the queue, after 20 ms"));
  rig.backend.Gate("hold").Open();
  EXPECT_TRUE(running.Await().outputs.ok());
  EXPECT_EQ(rig.backend.RunCount(), 1);
}

TEST(PipelineTest, RefusesOneRequestTooMany) {
  Config config;
  config.queue.requests_max = 2;
  PipelineRig rig({.config = config});
  rig.backend.Script("m", {.gate = "hold"});
  rig.Load("m");
  std::deque<Reply> replies(4);
  rig.Send("m", replies[0]);
  rig.backend.Gate("hold").AwaitInside(1);
  for (size_t i = 1; i < 4; ++i) rig.Send("m", replies[i]);
  EXPECT_EQ(replies[3].AwaitCode(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(replies[3].Await().refusal, Refusal::kModelRequests);
  EXPECT_TRUE(replies[3].Await().retry_after.has_value());
  EXPECT_THAT(std::string(replies[3].Await().outputs.status().message()),
              HasSubstr("queue full (2 of 2), retry after"));
  rig.backend.Gate("hold").Open();
  for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(replies[i].Await().outputs.ok());
}

TEST(PipelineTest, RefusesUnderLoadWithTheConfiguredStatus) {
  RigOptions options;
  options.config.overload.status = OverloadStatus::kUnavailable;
  options.config.queue.requests_max = 1;
  options.config.queue.total_bytes_max = 10;
  PipelineRig rig(options);
  rig.backend.Script("m", {.gate = "hold"});
  rig.Load("m");
  std::deque<Reply> replies(4);
  rig.Send("m", replies[0]);
  rig.backend.Gate("hold").AwaitInside(1);
  const auto send_six_bytes = [&](Reply& reply) {
    rig.Send("m", reply, FloatTensor({1, 1}, {1}),
             {.message = std::make_shared<MessageHolder>(), .bytes = 6});
  };
  send_six_bytes(replies[1]);
  rig.Send("m", replies[2]);
  send_six_bytes(replies[3]);
  for (size_t i = 2; i < 4; ++i) {
    EXPECT_EQ(replies[i].AwaitCode(), absl::StatusCode::kUnavailable);
    EXPECT_TRUE(replies[i].Await().retry_after.has_value());
  }
  rig.backend.Gate("hold").Open();
  EXPECT_TRUE(replies[1].Await().outputs.ok());
}

TEST(PipelineTest, NeverRunsACancelledRequest) {
  PipelineRig rig;
  rig.backend.Script("m", {.gate = "hold"});
  rig.Load("m");
  Reply running;
  Reply waiting;
  rig.Send("m", running);
  rig.backend.Gate("hold").AwaitInside(1);
  const Ticket ticket = rig.Send("m", waiting);
  rig.pipeline->admission().Cancel(ticket);
  EXPECT_EQ(waiting.AwaitCode(), absl::StatusCode::kCancelled);
  rig.backend.Gate("hold").Open();
  EXPECT_TRUE(running.Await().outputs.ok());
  EXPECT_EQ(rig.backend.RunCount(), 1);
}

TEST(PipelineTest, TellsARunThatNobodyWaitsForItAnyMore) {
  PipelineRig rig;
  rig.backend.Script("m", {.gate = "hold", .heeds_stop = true});
  rig.Load("m");
  Reply reply;
  const Ticket ticket = rig.Send("m", reply);
  rig.backend.Gate("hold").AwaitInside(1);
  rig.clock.AwaitTimedWaiters(2);  // the watchdog and the run
  rig.pipeline->admission().Cancel(ticket);
  // The scripted run looks at its stop flag each simulated millisecond.
  rig.clock.Advance(milliseconds(1));
  EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kCancelled);
}

TEST(PipelineTest, HoldsTheBytesOfARequestUntilItsLastReference) {
  PipelineRig rig;
  rig.Load("m");
  Reply reply;
  auto message = std::make_shared<MessageHolder>();
  rig.Send("m", reply, FloatTensor({1, 1}, {1}),
           {.message = message, .bytes = 100});
  EXPECT_TRUE(reply.Await().outputs.ok());
  EXPECT_EQ(rig.pipeline->budget().bytes_taken(), 100);
  rig.pipeline->Drain();
  EXPECT_EQ(rig.pipeline->budget().bytes_taken(), 100);
  message.reset();  // the worker may hold another for a moment
  while (rig.pipeline->budget().bytes_taken() > 0) std::this_thread::yield();
}

TEST(PipelineTest, RefusesBytesPastTheServersBudget) {
  Config config;
  config.queue.total_bytes_max = 100;
  PipelineRig rig({.config = config});
  rig.backend.Script("m", {.gate = "hold"});
  rig.Load("m");
  Reply held;
  rig.Send("m", held, FloatTensor({1, 1}, {1}),
           {.message = std::make_shared<MessageHolder>(), .bytes = 60});
  Reply refused;
  rig.Send("m", refused, FloatTensor({1, 1}, {1}),
           {.message = std::make_shared<MessageHolder>(), .bytes = 41});
  EXPECT_EQ(refused.AwaitCode(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(refused.Await().refusal, Refusal::kTotalBytes);
  EXPECT_TRUE(refused.Await().retry_after.has_value());
  rig.backend.Gate("hold").Open();
  EXPECT_TRUE(held.Await().outputs.ok());
}

TEST(PipelineTest, NeverAsksBackARequestThatTheBudgetCannotHold) {
  Config config;
  config.queue.total_bytes_max = 100;
  PipelineRig rig({.config = config});
  rig.Load("m");
  Reply reply;
  rig.Send("m", reply, FloatTensor({1, 1}, {1}),
           {.message = std::make_shared<MessageHolder>(), .bytes = 101});
  EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(reply.Await().refusal, Refusal::kTotalBytes);
  EXPECT_FALSE(reply.Await().retry_after.has_value());
}

TEST(PipelineTest, RunsAModelOnEachDeviceItNames) {
  PipelineRig rig({.devices = 2});
  rig.backend.Script("m", {.gate = "hold"});
  ModelConfig config;
  config.devices = {"fake:0", "fake:1"};
  rig.Load("m", config);
  Reply one;
  Reply two;
  rig.Send("m", one);
  rig.Send("m", two);
  rig.backend.Gate("hold").AwaitInside(2);  // one slot each: both devices
  rig.backend.Gate("hold").Open();
  EXPECT_TRUE(one.Await().outputs.ok());
  EXPECT_TRUE(two.Await().outputs.ok());
}

TEST(PipelineTest, RunsRequestsOfAnExclusiveKeyOneAfterTheOther) {
  PipelineRig rig({.slots = 2});
  rig.backend.Script("m", {.gate = "hold"});
  rig.Load("m");
  Reply first;
  Reply second;
  Reply other;
  const Tensor x = FloatTensor({1, 1}, {1});
  rig.Send("m", first, x, {.exclusive_key = "a"});
  rig.backend.Gate("hold").AwaitInside(1);
  rig.Send("m", second, x, {.exclusive_key = "a"});
  rig.Send("m", other, x, {.exclusive_key = "b"});
  rig.backend.Gate("hold").AwaitInside(2);
  rig.backend.Gate("hold").Release();  // the one that came first
  EXPECT_TRUE(first.Await().outputs.ok());
  EXPECT_FALSE(second.IsThere());
  rig.backend.Gate("hold").Open();
  EXPECT_TRUE(second.Await().outputs.ok());
  EXPECT_TRUE(other.Await().outputs.ok());
}

// R03
TEST(PipelineTest, LowersTheSlotsToWhatTheDeviceHas) {
  SimulatedClock clock;
  FakeBackend backend({.devices = {{.name = "fake:0", .num_streams = 32}}},
                      clock);
  MemoryMetrics metrics;
  MemoryObserver observer;
  Config config;
  config.devices = {{.device = "fake:0", .slots = 64}};
  auto pipeline = *Pipeline::Create(config, backend, clock, metrics, observer);
  EXPECT_EQ(pipeline->devices()[0].slots->num_slots(), 32);
  EXPECT_EQ(observer.lines().size(), 1);
}

TEST(PipelineTest, TakesAKindOfDeviceForItsFirst) {
  SimulatedClock clock;
  FakeBackend backend({.devices = {{.name = "fake:1"}, {.name = "fake:0"}}},
                      clock);
  MemoryMetrics metrics;
  MemoryObserver observer;
  Config config;
  config.devices = {{.device = "fake:1"}, {.device = "fake"}};
  const auto pipeline =
      *Pipeline::Create(config, backend, clock, metrics, observer);
  EXPECT_EQ(pipeline->devices()[0].name, "fake:1");
  EXPECT_EQ(pipeline->devices()[1].name, "fake:0");
}

TEST(PipelineTest, PutsAModelOnTheFirstOfTheKindThatItNames) {
  PipelineRig rig({.devices = 2});
  ModelConfig config;
  config.devices = {"fake"};
  rig.Load("m", config);
  Reply reply;
  rig.Send("m", reply);
  EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kOk);
  EXPECT_EQ(rig.slots(0).Read().slots[0].leases, 1);
  EXPECT_EQ(rig.slots(1).Read().slots[0].leases, 0);
}

// R13
TEST(PipelineTest, NamesADeviceThatIsNotThereAndTakesNoOther) {
  SimulatedClock clock;
  FakeBackend backend({}, clock);
  MemoryMetrics metrics;
  MemoryObserver observer;
  Config config;
  config.devices = {{.device = "fake:7"}};
  const auto pipeline =
      Pipeline::Create(config, backend, clock, metrics, observer);
  EXPECT_EQ(pipeline.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(pipeline.status().message()),
              HasSubstr("\"fake:7\" is not there; there is: fake:0"));
}

}  // namespace
}  // namespace weir
