// What the fake backend notices, and what it tells of its steps.
#include <thread>
#include <utility>

#include "backend/fake/fake_backend.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/thread.h"
#include "tests/support/fake_rig.h"
#include "tests/support/tensors.h"

namespace weir {
namespace {

using ::testing::ElementsAre;

// R36
TEST(FakeLogTest, TellsEachStepWithItsSlotAndThread) {
  FakeRig rig(2);
  auto model = rig.Load("m");
  SlotLease lease = *rig.pool.Acquire(/*hint=*/1, kNever);
  const NamedTensor x{"x", FloatTensor({3, 1}, {1, 2, 3})};
  const BatchInputs inputs{{absl::MakeConstSpan(&x, 1)}, 3};
  model->Run(lease, inputs, {.trace_id = "req-7"});
  std::vector<FakeStage> stages;
  for (const FakeStep& step : rig.backend.Log()) {
    if (step.run != 1) continue;
    stages.push_back(step.stage);
    EXPECT_EQ(step.slot, lease.slot().index());
    EXPECT_EQ(step.device, "fake:0");
    EXPECT_EQ(step.thread, std::this_thread::get_id());
    EXPECT_EQ(step.rows, 3);
    EXPECT_EQ(step.trace_id, "req-7");
  }
  EXPECT_THAT(stages, ElementsAre(FakeStage::kAlloc, FakeStage::kHostToDevice,
                                  FakeStage::kRun, FakeStage::kSync,
                                  FakeStage::kDeviceToHost));
  lease.Release({});
  rig.Free(std::move(model));
}

TEST(FakeLogTest, HoldsNoStepForOutputsThatAreDropped) {
  FakeRig rig(1);
  auto model = rig.Load("m");
  RunResult result = rig.Run(*model, {FloatTensor({1, 1}, {1})});
  rig.Free(std::move(model));
  const size_t num_steps = rig.backend.Log().size();
  result.outputs = Outputs{};
  EXPECT_EQ(rig.backend.Log().size(), num_steps) << "no device call";
}

TEST(FakeLogTest, DropsTheOldestPastItsBound) {
  FakeLog log(2);
  for (int64_t run = 1; run <= 3; ++run) log.Add({.run = run});
  ASSERT_EQ(log.Read().size(), 2);
  EXPECT_EQ(log.Read()[0].run, 2);
}

TEST(FakeGuardDeathTest, DiesWhenASlotIsUsedByTwoAtOnce) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  FakeRig rig(1);
  rig.backend.Script("held", {.gate = "hold"});
  auto model = rig.Load("held");
  SlotLease lease = *rig.pool.TryAcquire(-1);
  const NamedTensor x{"x", FloatTensor({1, 1}, {1})};
  const BatchInputs inputs{{absl::MakeConstSpan(&x, 1)}, 1};
  const auto use_twice = [&] {
    Thread other("other", [&] { model->Run(lease, inputs, {}); });
    rig.backend.Gate("hold").AwaitInside(1);
    model->Run(lease, inputs, {});
  };
  EXPECT_DEATH(use_twice(), "a slot is used by one at a time");
  model->Free(lease);
}

// R32
TEST(FakeGuardDeathTest, DiesWhenASlotIsUsedAgainWithWorkInFlight) {
  FakeRig rig(1);
  rig.backend.Script("broken", {.leaves_work = {.at = 1}});
  auto model = rig.Load("broken");
  const Tensor x = FloatTensor({1, 1}, {1});
  const auto run_twice = [&] {
    rig.Run(*model, {x});
    rig.Run(*model, {x});
  };
  EXPECT_DEATH(run_twice(), "queue is empty when its next use begins");
  rig.Free(std::move(model));
}

TEST(FakeGuardDeathTest, DiesOfALeaseOfAnotherDevice) {
  FakeRig rig(1);
  auto model = rig.Load("m");
  SlotPool other("fake:1", std::move(rig.backend.Probe("fake:1", 1)->slots),
                 rig.clock, nullptr);
  SlotLease lease = *other.TryAcquire(-1);
  EXPECT_DEATH(model->Run(lease, {}, {}), "a lease of its model's device");
  EXPECT_DEATH(model->Free(lease), "a lease of its model's device");
  lease.Release({});
  rig.Free(std::move(model));
}

TEST(FakeGuardDeathTest, DiesWhenAModelIsFreedTwiceOrRunAfterIt) {
  FakeRig rig(1);
  auto model = rig.Load("m");
  SlotLease lease = *rig.pool.TryAcquire(-1);
  model->Free(lease);
  EXPECT_DEATH(model->Free(lease), "freed once");
  EXPECT_DEATH(model->Run(lease, {}, {}), "not run after it was freed");
}

TEST(FakeGuardDeathTest, DiesWhenTheBackendGoesBeforeItsModels) {
  const auto drop_backend = [] {
    std::unique_ptr<Model> model;
    FakeRig rig(1);
    model = rig.Load("m");
  };
  EXPECT_DEATH(drop_backend(), "a backend outlives its models");
}

TEST(FakeFaultTest, KeepsASlotBrokenUntilItIsRevived) {
  FakeRig rig(1);
  rig.backend.Script("breaks", {.faults = {.at = 1}});
  auto model = rig.Load("breaks");
  const Tensor x = FloatTensor({1, 1}, {1});
  EXPECT_EQ(rig.Run(*model, {x}).fault, Fault::kSlot);
  EXPECT_FALSE(rig.pool.TryAcquire(-1).ok()) << "out of service";
  SlotLease retired = *rig.pool.AcquireRetired();
  EXPECT_TRUE(rig.backend.Revive(retired).ok());
  EXPECT_TRUE(rig.pool.ReturnToService(std::move(retired)));
  EXPECT_EQ(rig.Run(*model, {x}).fault, std::nullopt);
  rig.Free(std::move(model));
}

TEST(FakeFaultTest, KeepsADeviceLostUntilARevivalSucceeds) {
  FakeRig rig(2);
  rig.backend.Script("breaks", {.faults = {.at = 1}, .fault = Fault::kDevice});
  auto breaks = rig.Load("breaks");
  const Tensor x = FloatTensor({1, 1}, {1});
  EXPECT_EQ(rig.Run(*breaks, {x}).fault, Fault::kDevice);
  rig.backend.FailRevives("fake:0", 1);
  {
    SlotLease retired = *rig.pool.AcquireRetired();
    EXPECT_FALSE(rig.backend.Revive(retired).ok());
    auto file = *rig.backend.Read({.name = "late"});
    EXPECT_EQ(rig.backend.Load(retired, *file).status().code(),
              absl::StatusCode::kUnavailable);
  }
  for (int slot = 0; slot < 2; ++slot) {
    SlotLease retired = *rig.pool.AcquireRetired();
    EXPECT_TRUE(rig.backend.Revive(retired).ok());
    EXPECT_TRUE(rig.pool.ReturnToService(std::move(retired)));
  }
  EXPECT_TRUE(rig.Run(*breaks, {x}).outputs.ok());
  breaks.reset();
  EXPECT_EQ(rig.backend.DropCount(), 1);
  EXPECT_EQ(rig.backend.LiveModels(), 0);
}

}  // namespace
}  // namespace weir
