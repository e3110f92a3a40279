// The pool while models run on its slots.
#include <atomic>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "backend/fake/fake_backend.h"
#include "gtest/gtest.h"
#include "sync/thread.h"
#include "tests/support/fake_rig.h"
#include "tests/support/scale.h"
#include "tests/support/tensors.h"

namespace weir {
namespace {

const Tensor& One() {
  static const Tensor one = FloatTensor({1, 1}, {1});
  return one;
}

// R30
TEST(SlotPoolRunTest, AnswersWhileARunBlocksInTheBackend) {
  FakeRig rig(2);
  rig.backend.Script("held", {.gate = "hold"});
  auto model = rig.Load("held");
  Thread runner("runner", [&] { rig.Run(*model, {One()}); });
  rig.backend.Gate("hold").AwaitInside(1);
  // Each of these would never return if the pool waited for the run.
  EXPECT_EQ(rig.pool.Read().num_leased, 1);
  SlotLease other = *rig.pool.Acquire(-1, kNever);
  EXPECT_FALSE(rig.pool.TryAcquire(-1).ok());
  EXPECT_FALSE(rig.pool.Acquire(-1, rig.clock.Now()).ok());
  EXPECT_FALSE(rig.pool.AcquireRetired().ok());
  rig.pool.Report(other, Fault::kSlot);
  EXPECT_EQ(rig.pool.Read().service.in_service, 1);
  other.Release({});
  EXPECT_TRUE(rig.pool.ReturnToService(*rig.pool.AcquireRetired()));
  rig.backend.Gate("hold").Open();
  runner.Join();
  rig.Free(std::move(model));
}

TEST(SlotPoolRunTest, RetiresAWedgedSlotOnlyOnceItsRunReturns) {
  FakeRig rig(1);
  rig.backend.Script("wedged", {.gate = "stuck"});
  auto model = rig.Load("wedged");
  std::atomic<LeaseTicket> ticket = 0;
  Thread runner("runner", [&] {
    SlotLease lease = *rig.pool.Acquire(-1, kNever);
    ticket = lease.ticket();
    const NamedTensor x{"x", One()};
    lease.Release(
        model->Run(lease, {{absl::MakeConstSpan(&x, 1)}, 1}, {}).stats);
  });
  rig.backend.Gate("stuck").AwaitInside(1);
  rig.pool.Report(ticket, Fault::kSlot);
  EXPECT_TRUE(rig.pool.Read().slots[0].leased);
  EXPECT_FALSE(rig.pool.AcquireRetired().ok()) << "no repair under a run";
  rig.backend.Gate("stuck").Open();
  runner.Join();
  EXPECT_EQ(rig.pool.Read().slots[0].rows, 1);
  EXPECT_TRUE(rig.pool.ReturnToService(*rig.pool.AcquireRetired()));
  rig.Free(std::move(model));
}

// R18, R36
TEST(SlotPoolRunTest, RunsEachStageOnTheLeasesSlotAndThread) {
  FakeRig rig(4);
  auto model = rig.Load("m");
  {
    std::vector<Thread> threads;
    for (int self = 0; self < 8; ++self) {
      threads.emplace_back("runner", [&] {
        for (int round = 0; round < 50; ++round) rig.Run(*model, {One()});
      });
    }
  }
  std::map<int64_t, FakeStep> first;
  for (const FakeStep& step : rig.backend.Log()) {
    if (step.run == 0) continue;
    const FakeStep& alloc = first.try_emplace(step.run, step).first->second;
    EXPECT_EQ(step.slot, alloc.slot) << FakeStageName(step.stage);
    EXPECT_EQ(step.thread, alloc.thread) << FakeStageName(step.stage);
  }
  EXPECT_EQ(first.size(), 400);
  rig.Free(std::move(model));
}

// R32
TEST(SlotPoolRunTest, LeavesEverySlotsQueueEmptyWhateverItsRunsDo) {
  FakeRig rig(4);
  rig.backend.Script("wild", {.fails = {.every = 3},
                              .throws = {.every = 5},
                              .throw_stage = FakeStage::kHostToDevice});
  auto model = rig.Load("wild");
  std::atomic<int> num_failed = 0;
  {
    std::vector<Thread> threads;
    for (int self = 0; self < 16; ++self) {
      threads.emplace_back("runner", [&] {
        for (int round = 0; round < Scaled(500); ++round) {
          num_failed += rig.Run(*model, {One()}).outputs.ok() ? 0 : 1;
        }
      });
    }
  }
  const int num_runs = 16 * Scaled(500);
  EXPECT_EQ(num_failed, num_runs / 3 + num_runs / 5 - num_runs / 15);
  EXPECT_EQ(rig.pool.Read().num_leased, 0);
  rig.Free(std::move(model));
}

class ThrowingRunTest : public testing::TestWithParam<FakeException> {};

// R35
TEST_P(ThrowingRunTest, IsAValueAndItsThreadLives) {
  FakeRig rig(1);
  rig.backend.Script("throws", {.throws = {.at = 1}, .throw_kind = GetParam()});
  auto model = rig.Load("throws");
  Thread worker("worker", [&] {
    const RunResult threw = rig.Run(*model, {One()});
    EXPECT_EQ(threw.outputs.status().code(), absl::StatusCode::kInternal);
    EXPECT_EQ(std::string(threw.outputs.status().message()).find('/'),
              std::string::npos)
        << "no paths";
    EXPECT_TRUE(threw.stats.failed);
    EXPECT_TRUE(rig.Run(*model, {One()}).outputs.ok());
  });
  worker.Join();
  EXPECT_EQ(rig.pool.Read().slots[0].failures, 1);
  rig.Free(std::move(model));
}

INSTANTIATE_TEST_SUITE_P(Kinds, ThrowingRunTest,
                         testing::Values(FakeException::kStandard,
                                         FakeException::kForeign,
                                         FakeException::kInteger));

}  // namespace
}  // namespace weir
