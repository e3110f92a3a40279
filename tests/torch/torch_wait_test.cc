// What a device is told to wait for, and what memory it has meanwhile.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/torch/torch_rig.h"
#include "tests/torch/twin.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kWaits[] = "twin::synchronize_event";
// The least that pinned memory is asked for.
constexpr uint64_t kBlock = 4096;

void Dress(const std::string& settings) {
  Twin::Control().reset();
  Twin::Control().configure(settings.c_str());
}

class TorchWaitTest : public TorchTest {
 public:
  ~TorchWaitTest() override { Twin::Control().configure("log=off"); }

 protected:
  static std::unique_ptr<Backend> MakeTwin(Clock& clock) {
    Dress("streams=wrap32");
    return Twin::MakeBackend(clock, {.synchronize = Synchronize::kBlock});
  }

  explicit TorchWaitTest(MakeBackend make = &MakeTwin)
      : TorchTest(make, kTwinDevice) {}

  // What the device is told meanwhile, in order.
  static std::vector<std::string> Told(absl::FunctionRef<void()> call) {
    Twin::Control().configure("log=on");
    (void)Twin::TakeNames();
    call();
    Twin::Control().configure("log=off");
    return Twin::TakeNames();
  }
  static uint64_t Pinned() { return Twin::Status().pinned_bytes; }
  void EmptyCache() {
    SlotLease lease = *rig_.pool().Acquire(-1, kNever);
    backend_->EmptyCache(lease);
  }
};

const NamedTensor kRow = Rows("x", {1, 2, 3, 4});

// Nothing is left in the queue when a run returns, even one that fails.
TEST_F(TorchWaitTest, EndsEachRunWithAWait) {
  for (const char* name : {"affine", "complex_output"}) {
    Model& model = Load(name);
    const auto told = Told([&] { (void)Run(model, {kRow}); });
    ASSERT_THAT(told, Not(IsEmpty()));
    EXPECT_EQ(told.back(), kWaits) << name;
  }
}

TEST_F(TorchWaitTest, WaitsBeforeItReadsWhatAModelCopiedToTheHost) {
  Model& model = Load("copies_to_host");
  RunResult result{Outputs{}, {}, std::nullopt};
  const auto told = Told([&] { result = Run(model, {kRow}); });
  EXPECT_EQ(std::count(told.begin(), told.end(), kWaits), 2);
  EXPECT_THAT(Said(result), ElementsAre(HasSubstr("[1,4,] 2 4 6 8")));
}

TEST_F(TorchWaitTest, EndsARunThatThrowsWithAWait) {
  Model& model = Load("erfinv");
  Twin::Control().configure("missing=aten::erfinv");
  const auto told = Told([&] { (void)Run(model, {kRow}); });
  Twin::Control().configure("missing=");
  ASSERT_THAT(told, Not(IsEmpty()));
  EXPECT_EQ(told.back(), kWaits);
}

TEST_F(TorchWaitTest, EndsARunThatThrowsNoExceptionWithAWait) {
  Model& model = Load("erfinv");
  Twin::Control().configure("alien=aten::erfinv");
  RunResult result{Outputs{}, {}, std::nullopt};
  const auto told = Told([&] { result = Run(model, {kRow}); });
  Twin::Control().configure("alien=");
  ASSERT_THAT(told, Not(IsEmpty()));
  EXPECT_EQ(told.back(), kWaits);
  EXPECT_EQ(result.outputs.status().ToString(),
            "INTERNAL: model \"erfinv\" threw something that is not an "
            "exception");
}

TEST_F(TorchWaitTest, EndsALoadAndAFreeWithAWait) {
  const auto file = backend_->Read(TorchSource("mlp"));
  ASSERT_TRUE(file.ok()) << file.status();
  SlotLease lease = *rig_.pool().Acquire(0, kNever);
  std::unique_ptr<Model> model;
  const int64_t before = backend_->Memory(kTwinDevice).allocated_bytes;
  const auto loading = Told([&] { model = *backend_->Load(lease, **file); });
  ASSERT_THAT(loading, Not(IsEmpty()));
  EXPECT_EQ(loading.back(), kWaits);
  const auto freeing = Told([&] { model->Free(lease); });
  ASSERT_THAT(freeing, Not(IsEmpty()));
  EXPECT_EQ(freeing.back(), kWaits);
  // The model itself may live on, in its last handle.
  EXPECT_EQ(backend_->Memory(kTwinDevice).allocated_bytes, before);
}

TEST_F(TorchWaitTest, WaitsAgainWhereALoadFails) {
  const auto file = backend_->Read(TorchSource("mlp"));
  ASSERT_TRUE(file.ok()) << file.status();
  SlotLease lease = *rig_.pool().Acquire(0, kNever);
  Twin::Control().configure("fail_syncs=1");
  absl::Status status;
  const auto told =
      Told([&] { status = backend_->Load(lease, **file).status(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::count(told.begin(), told.end(), kWaits), 2);
}

TEST_F(TorchWaitTest, RevivesASlotOnlyWhereItsStreamCanBeWaitedFor) {
  SlotLease lease = *rig_.pool().Acquire(1, kNever);
  Twin::Control().configure("fail_syncs=1,log=on");
  Twin::Control().clear_log();
  EXPECT_FALSE(backend_->Revive(lease).ok());
  EXPECT_TRUE(backend_->Revive(lease).ok());
  const std::vector<std::string> names = Twin::TakeNames();
  EXPECT_EQ(std::count(names.begin(), names.end(), kWaits), 2);
}

TEST_F(TorchWaitTest, TriesASlotOnItsOwnStream) {
  SlotLease lease = *rig_.pool().Acquire(1, kNever);
  Twin::Control().configure("log=on");
  Twin::Control().clear_log();
  EXPECT_TRUE(backend_->Revive(lease).ok());
  WeirTwinLogEntry entries[64];
  const size_t num =
      std::min<size_t>(Twin::Control().read_log(entries, 64), 64);
  ASSERT_GT(num, 0U);
  for (size_t i = 0; i < num; ++i) {
    EXPECT_EQ(std::to_string(entries[i].stream), lease.slot().stream())
        << entries[i].name;
  }
}

// A block that went back to the pool would be the next input's, while the
// device still copies from it.
TEST_F(TorchWaitTest, KeepsEveryBlockOfARunUntilItIsWaitedFor) {
  Model& model = Load("two_inputs");
  EmptyCache();
  ASSERT_EQ(Pinned(), 0U);
  RunResult result = Run(model, {kRow, Rows("y", {1, 1, 1, 1})});
  ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
  EXPECT_EQ(Pinned(), 3 * kBlock);
  (void)Run(model, {kRow, Rows("y", {2, 2, 2, 2})});
  EXPECT_EQ(Pinned(), 4 * kBlock);  // the first answer is still held
}

TEST_F(TorchWaitTest, TakesAnAnswerAsAnInputWhereItLies) {
  Model& model = Load("affine");
  EmptyCache();
  const RunResult first = Run(model, {kRow});
  ASSERT_TRUE(first.outputs.ok()) << first.outputs.status();
  EmptyCache();
  ASSERT_EQ(Pinned(), kBlock);
  const RunResult second = Run(model, {{"x", (*first.outputs)[0].tensor}});
  EXPECT_THAT(Said(second), ElementsAre("y [1,4,] 7 11 15 19"));
  EXPECT_EQ(Pinned(), 2 * kBlock);
}

TEST_F(TorchWaitTest, EmptiesTheCachesOfDeviceAndHost) {
  (void)Run(Load("affine"), {kRow});
  ASSERT_GT(Pinned(), 0U);
  const DeviceMemory before = backend_->Memory(kTwinDevice);
  EXPECT_GT(before.reserved_bytes, before.allocated_bytes);
  EmptyCache();
  const DeviceMemory after = backend_->Memory(kTwinDevice);
  EXPECT_EQ(after.reserved_bytes, after.allocated_bytes);
  EXPECT_EQ(Pinned(), 0U);
}

TEST_F(TorchWaitTest, KeepsOneCopyOfAModuleThatWritesNothing) {
  const auto size_of = [this](const ModelSource& source) {
    const int64_t before = backend_->Memory(kTwinDevice).allocated_bytes;
    Load(source);
    return backend_->Memory(kTwinDevice).allocated_bytes - before;
  };
  ModelSource source = TorchSource("mlp");
  const int64_t alone = size_of(source);
  EXPECT_GT(alone, 0);
  source.config.backend_options = {{"copies", "per_slot"}};
  EXPECT_EQ(size_of(source), alone);
}

// A model that cannot run there costs the device nothing.
TEST_F(TorchWaitTest, RefusesDoublesBeforeTheDeviceIsUsed) {
  for (const char* name : {"double_weights", "double_held"}) {
    absl::Status status;
    EXPECT_THAT(Told([&] { status = WhyNot(name); }), IsEmpty()) << name;
    EXPECT_THAT(status.ToString(), HasSubstr("uses FP64")) << name;
  }
}

TEST_F(TorchWaitTest, SaysThatAModelMakesDoublesWhereThereAreNone) {
  const RunResult result = Run(Load("makes_doubles"), {kRow});
  EXPECT_EQ(result.outputs.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(std::string(result.outputs.status().message()),
            "model \"makes_doubles\": uses FP64, which twin:0 does not have. "
            "Export it with .float(), or set device: cpu");
}

class TorchPaceTest : public TorchWaitTest {
 protected:
  TorchPaceTest()
      : TorchWaitTest([](Clock& clock) {
          Dress("streams=wrap32,queries=pending");
          return Twin::MakeBackend(clock);
        }) {}
};

// Polled for its run, blocked for what is no run of a model.
TEST_F(TorchPaceTest, LooksForTheEndOfARunBeforeItBlocks) {
  Model* model = nullptr;
  const auto loading = Told([&] { model = &Load("affine"); });
  EXPECT_THAT(loading, Not(Contains("twin::query_event")));
  const auto told = Told([&] { (void)Run(*model, {kRow}); });
  EXPECT_THAT(told, Contains("twin::query_event"));
  EXPECT_EQ(told.back(), kWaits);
}

class TorchDoublesTest : public TorchWaitTest {
 protected:
  TorchDoublesTest()
      : TorchWaitTest([](Clock& clock) {
          Dress("streams=wrap32,no_fp64=off");
          return Twin::MakeBackend(clock);
        }) {}
};

TEST_F(TorchDoublesTest, RunsDoublesWhereThereAreSome) {
  EXPECT_TRUE(WhyNot("double_weights").ok()) << WhyNot("double_weights");
  const RunResult result = Run(
      Load("identity"), {{"x", TensorOf<double>(DataType::kFp64, {1}, {1.5})}});
  EXPECT_TRUE(result.outputs.ok()) << result.outputs.status();
}

class TorchUnpinnedTest : public TorchWaitTest {
 protected:
  TorchUnpinnedTest()
      : TorchWaitTest([](Clock& clock) {
          Dress("streams=wrap32,pinned=off");
          return Twin::MakeBackend(clock);
        }) {}
};

TEST_F(TorchUnpinnedTest, CallsNoMemoryPinnedThatIsNot) {
  const RunResult result = Run(Load("affine"), {kRow});
  ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
  EXPECT_EQ((*result.outputs)[0].tensor.memory(), MemoryKind::kHost);
}

// A device whose pool of streams is used up has its current one.
TEST(TorchProbeWaitTest, HasOneSlotWhereThereAreNoNewStreams) {
  Dress("streams=throw31");
  RealClock clock;
  const auto first = Twin::MakeBackend(clock);
  ASSERT_TRUE(first->Probe(kTwinDevice, 31).ok());
  const auto second = Twin::MakeBackend(clock);
  const auto probed = second->Probe(kTwinDevice, 1);
  ASSERT_TRUE(probed.ok()) << probed.status();
  EXPECT_EQ(probed->slots.size(), 1U);
  EXPECT_EQ(probed->slots[0]->stream(), "0");
}

TEST(TorchProbeWaitTest, TriesWhatADeviceCanDoOnItsFirstStream) {
  Twin twin("streams=wrap32,log=on");
  RealClock clock;
  const auto backend = Twin::MakeBackend(clock);
  const auto probed = backend->Probe(kTwinDevice, 1);
  ASSERT_TRUE(probed.ok()) << probed.status();
  EXPECT_EQ(probed->slots[0]->stream(), "1");
  // Stream 0 is what is current before there is a first one.
  std::vector<int64_t> streams = twin.TakeStreams();
  streams.erase(streams.begin(), std::find(streams.begin(), streams.end(), 1));
  EXPECT_THAT(streams, AllOf(Not(IsEmpty()), Each(1)));
}

TEST(TorchProbeWaitTest, EndsWithAWait) {
  Dress("streams=wrap32,log=on");
  RealClock clock;
  const auto backend = Twin::MakeBackend(clock);
  ASSERT_TRUE(backend->Probe(kTwinDevice, 1).ok());
  EXPECT_EQ(Twin::TakeNames().back(), kWaits);
  Twin::Control().reset();
}

}  // namespace
}  // namespace weir
