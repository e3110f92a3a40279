// Everything at once, on real threads: what the simulator proves of the states,
// this proves of the locked shells around them.
#include <atomic>
#include <chrono>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/pipeline_rig.h"
#include "tests/support/scale.h"

namespace weir {
namespace {

using std::chrono::milliseconds;

// The answer of the models here: x + 1.
FakeScript AddOne() { return {.compute = FakeCompute::kAffine, .offset = 1}; }

// Sends `rounds` requests, one after the other; counts the wrong answers.
void SendRounds(PipelineRig& rig, int thread, int rounds,
                std::atomic<int>& wrong) {
  for (int round = 0; round < rounds; ++round) {
    Reply reply;
    const auto x = static_cast<float>(thread * 1000 + round);
    rig.Send(absl::StrCat("m", (thread + round) % 3), reply, x);
    const Answer& answer = reply.Await();
    wrong += !answer.outputs.ok() ||
             Floats(answer.outputs->front().tensor)[0] != x + 1;
  }
}

void LoadThree(PipelineRig& rig) {
  for (int i = 0; i < 3; ++i) {
    const std::string name = absl::StrCat("m", i);
    rig.backend.Script(name, AddOne());
    ModelConfig config = i == 0 ? ModelConfig() : Batched(4);
    if (i == 2) config.runs_max = 1;
    rig.Load(name, config);
  }
}

// R53
TEST(StormTest, AnswersThirtyTwoThreadsOfAThousandRoundsRight) {
  PipelineRig rig({.slots = 4});
  LoadThree(rig);
  std::atomic<int> wrong = 0;
  {
    std::vector<Thread> threads;
    for (int i = 0; i < 32; ++i) {
      threads.emplace_back("sender",
                           [&, i] { SendRounds(rig, i, 1000, wrong); });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_TRUE(rig.pipeline->Drain());
  EXPECT_EQ(rig.pipeline->ledger().accepted, 32U * 1000);
  EXPECT_EQ(rig.pipeline->ledger().lost, 0);
}

class ConcurrencyTest : public testing::TestWithParam<int> {};

// R52
TEST_P(ConcurrencyTest, AnswersAroundAndPastTheNumberOfSlots) {
  PipelineRig rig({.slots = 4});
  LoadThree(rig);
  std::atomic<int> wrong = 0;
  {
    std::vector<Thread> threads;
    for (int i = 0; i < GetParam(); ++i) {
      threads.emplace_back("sender", [&rig, &wrong, i] {
        SendRounds(rig, i, Scaled(500), wrong);
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

INSTANTIATE_TEST_SUITE_P(Slots, ConcurrencyTest, testing::Values(3, 4, 5, 8));

// Everything that can go wrong for a request, by chance.
void SendHostile(PipelineRig& rig, int thread, int rounds,
                 std::atomic<int>& odd) {
  std::mt19937 random(static_cast<unsigned>(thread));
  std::deque<Reply> replies;
  for (int round = 0; round < rounds; ++round) {
    Reply& reply = replies.emplace_back();
    PipelineRig::SendOptions options;
    options.priority = 1 + static_cast<int>(random() % 9);
    if (random() % 4 == 0) {
      options.deadline = rig.clock.Now() + milliseconds(random() % 4);
    }
    if (random() % 4 == 0) {
      options.exclusive_key = absl::StrCat("key", random() % 3);
    }
    const Ticket ticket =
        rig.Send(absl::StrCat("m", random() % 4), reply,
                 FloatTensor({1, 1}, {static_cast<float>(round)}), options);
    if (random() % 4 == 0) rig.pipeline->admission().Cancel(ticket);
    if (random() % 8 == 0) rig.clock.Advance(milliseconds(1));
    if (replies.size() > 16) {
      replies.front().Await();
      replies.pop_front();
    }
  }
  for (Reply& reply : replies) {
    const Answer& answer = reply.Await();
    odd += answer.outputs.status().code() == absl::StatusCode::kUnknown;
  }
}

TEST(StormTest, AnswersEveryRequestOnceWhateverBefallsIt) {
  RigOptions options{.devices = 2, .slots = 2};
  options.config.drain.deadline = std::chrono::hours(24);  // time flies here
  PipelineRig rig(options);
  for (int i = 0; i < 4; ++i) {
    const std::string name = absl::StrCat("m", i);
    FakeScript script = AddOne();
    script.fails = {.every = 5 + i};
    if (i == 3) script.faults = {.every = 50};
    rig.backend.Script(name, script);
    ModelConfig config = i < 2 ? ModelConfig() : Batched(4, milliseconds(1));
    config.devices = i == 3 ? std::vector<std::string>{"fake:1"}
                            : std::vector<std::string>{"fake:0", "fake:1"};
    rig.Load(name, config);
  }
  std::atomic<int> odd = 0;
  std::atomic<bool> done = false;
  Thread ticks("ticks", [&] {
    while (!done) {
      rig.clock.Advance(milliseconds(1));
      std::this_thread::yield();
    }
  });
  {
    std::vector<Thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back("sender",
                           [&, i] { SendHostile(rig, i, Scaled(1000), odd); });
    }
  }
  EXPECT_TRUE(rig.pipeline->Drain());
  done = true;
  ticks.Join();
  EXPECT_EQ(odd, 0);
  const AnswerLedger& ledger = rig.pipeline->ledger();
  while (ledger.answered != ledger.accepted) std::this_thread::yield();
  EXPECT_EQ(ledger.lost, 0);
}

// R30
TEST(StormTest, ReadsSubmitsAndListsWhileEverySlotIsBlocked) {
  PipelineRig rig({.slots = 2});
  rig.backend.Script("m", {.gate = "hold"});
  rig.Load("m");
  std::deque<Reply> replies(3);
  for (Reply& reply : replies) rig.Send("m", reply);
  rig.backend.Gate("hold").AwaitInside(2);
  for (int i = 0; i < Scaled(1000); ++i) {
    rig.slots().Read();
    rig.pipeline->store().List();
    rig.pipeline->scheduler().ViewModel("m");
    EXPECT_FALSE(rig.slots().TryAcquire(-1).ok());
  }
  rig.backend.Gate("hold").Open();
  for (Reply& reply : replies) EXPECT_TRUE(reply.Await().outputs.ok());
}

}  // namespace
}  // namespace weir
