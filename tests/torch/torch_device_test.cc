// What a device with streams is asked for, and what it is told to do where.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/thread.h"
#include "tests/torch/torch_rig.h"
#include "tests/torch/twin.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// A backend over the twin in some guise, and its probe.
struct Probing {
  explicit Probing(const std::string& settings, int slots_max = 64)
      : twin(settings),
        backend(Twin::MakeBackend(clock)),
        probed(backend->Probe(kTwinDevice, slots_max)) {}

  std::vector<std::string> Streams() const {
    std::vector<std::string> streams;
    for (const auto& slot : probed->slots) streams.push_back(slot->stream());
    return streams;
  }

  Twin twin;
  RealClock clock;
  std::unique_ptr<Backend> backend;
  absl::StatusOr<Probed> probed;
};

TEST(TorchProbeTest, ListsAcceleratorsBeforeTheCpu) {
  const Twin twin;
  RealClock clock;
  const std::vector<DeviceInfo> devices = Twin::MakeBackend(clock)->Devices();
  ASSERT_THAT(devices, SizeIs(2));
  EXPECT_EQ(devices[0].name, "twin:0");
  EXPECT_EQ(devices[0].slots_default, 1);
  EXPECT_EQ(devices[1].name, "cpu");
}

// R01, R03: the library's streams repeat in silence; a slot's never do.
TEST(TorchProbeTest, StopsWhereStreamsRepeat) {
  const Probing wraps("streams=wrap32");
  ASSERT_TRUE(wraps.probed.ok()) << wraps.probed.status();
  const std::vector<std::string> streams = wraps.Streams();
  EXPECT_EQ(std::set<std::string>(streams.begin(), streams.end()).size(), 32U);
  EXPECT_THAT(wraps.probed->warnings,
              ElementsAre("twin:0 has 32 distinct streams; 64 slots were asked "
                          "for (its streams repeat)"));
}

TEST(TorchProbeTest, StopsWhereNoStreamIsLeft) {
  const Probing throws("streams=throw31");
  ASSERT_TRUE(throws.probed.ok()) << throws.probed.status();
  EXPECT_THAT(throws.probed->slots, SizeIs(31));
  EXPECT_THAT(throws.probed->warnings,
              ElementsAre(HasSubstr("has 31 distinct streams")));
}

TEST(TorchProbeTest, HasOneSlotWhereThereIsOneStream) {
  const Probing one("streams=one");
  ASSERT_TRUE(one.probed.ok()) << one.probed.status();
  EXPECT_THAT(one.probed->slots, SizeIs(1));
}

TEST(TorchProbeTest, AsksForNoMoreStreamsThanItNeeds) {
  const Probing blocks("streams=block31", 31);
  ASSERT_TRUE(blocks.probed.ok()) << blocks.probed.status();
  EXPECT_THAT(blocks.probed->slots, SizeIs(31));
  EXPECT_THAT(blocks.probed->warnings, IsEmpty());
}

// R16: every way to wait that a device may have, and none.
TEST(TorchProbeTest, WaitsInTheBestWayThereIs) {
  for (const char* settings :
       {"sync_stream=works", "sync_stream=throws",
        "sync_stream=works,events=throws,sync_device=throws"}) {
    const Probing probing(std::string("streams=wrap32,") + settings, 8);
    ASSERT_TRUE(probing.probed.ok()) << probing.probed.status();
    EXPECT_THAT(probing.probed->slots, SizeIs(8)) << settings;
  }
}

// R15: a wait for the whole device is for all its slots, so there is one.
TEST(TorchProbeTest, HasOneSlotWhereOnlyTheDeviceCanBeWaitedFor) {
  const Probing probing("streams=wrap32,events=throws", 8);
  ASSERT_TRUE(probing.probed.ok()) << probing.probed.status();
  EXPECT_THAT(probing.probed->slots, SizeIs(1));
  EXPECT_THAT(probing.probed->warnings,
              ElementsAre("twin:0 waits for the whole device, so it has 1 "
                          "slot; 8 were asked for"));
}

TEST(TorchProbeTest, RefusesADeviceThatCannotBeWaitedFor) {
  const Probing probing("events=throws,sync_device=throws");
  EXPECT_EQ(probing.probed.status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      probing.probed.status().ToString(),
      AllOf(HasSubstr("twin:0 cannot be used"),
            HasSubstr("there is no way to wait"), Not(HasSubstr("\n"))));
}

TEST(TorchProbeTest, RefusesADeviceThatIsBroken) {
  const Twin twin;
  RealClock clock;
  const auto backend = Twin::MakeBackend(clock);
  Twin::Control().poison();
  EXPECT_THAT(backend->Probe(kTwinDevice, 4).status().ToString(),
              HasSubstr("twin:0 cannot be used"));
}

TEST(TorchProbeTest, ProbesADeviceOnce) {
  const Probing probing("streams=wrap32", 2);
  EXPECT_EQ(probing.backend->Probe(kTwinDevice, 2).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

class TorchDeviceTest : public TorchTest {
 protected:
  TorchDeviceTest() : TorchTest(&Twin::MakeBackend, kTwinDevice) {}

  // Runs on the slot and tells on which streams the operators ran.
  std::set<int64_t> StreamsOf(Model& model, int slot,
                              const std::vector<NamedTensor>& request) {
    twin_.Configure("log=on");
    (void)twin_.TakeStreams();
    SlotLease lease = *rig_.pool().Acquire(slot, kNever);
    const RunResult result = RunTogether(model, lease, {request});
    EXPECT_TRUE(result.outputs.ok()) << result.outputs.status();
    twin_.Configure("log=off");
    const std::vector<int64_t> streams = twin_.TakeStreams();
    EXPECT_THAT(streams, Not(IsEmpty()));
    return {streams.begin(), streams.end()};
  }
  int64_t StreamOf(int slot) {
    return std::stoll(rig_.pool().Acquire(slot, kNever)->slot().stream());
  }

 private:
  // Before the backend, which the base class makes: hence static.
  static Twin& Dressed() {
    static Twin twin("streams=wrap32");
    twin.Configure("streams=wrap32");
    return twin;
  }

 protected:
  Twin& twin_ = Dressed();
};

const NamedTensor kRow = Rows("x", {1, 2, 3, 4});

// R17, R18: copies, operators and the event that is waited for are all on the
// lease's stream, whatever was current before.
TEST_F(TorchDeviceTest, GivesAllWorkOfARunToItsSlot) {
  Model& model = Load("affine");
  for (const int slot : {0, 1, 0}) {
    EXPECT_THAT(StreamsOf(model, slot, {kRow}), ElementsAre(StreamOf(slot)));
  }
}

// R12, R36: the binding is the run's, on whichever thread that is.
TEST_F(TorchDeviceTest, BindsTheThreadThatRuns) {
  Model& model = Load("affine");
  Thread("worker", [&] {
    EXPECT_THAT(StreamsOf(model, 1, {kRow}), ElementsAre(StreamOf(1)));
    EXPECT_THAT(StreamsOf(model, 0, {kRow}), ElementsAre(StreamOf(0)));
  }).Join();
}

// R37: weights are waited for once, at load, on the slot that loads them.
TEST_F(TorchDeviceTest, LoadsAndFreesOnItsSlot) {
  twin_.Configure("log=on");
  (void)twin_.TakeStreams();
  {
    SlotLease lease = *rig_.pool().Acquire(1, kNever);
    auto file = backend_->Read(TorchSource("mlp"));
    ASSERT_TRUE(file.ok()) << file.status();
    auto model = backend_->Load(lease, **file);
    ASSERT_TRUE(model.ok()) << model.status();
    (*model)->Free(lease);
  }
  twin_.Configure("log=off");
  EXPECT_THAT(twin_.TakeStreams(), AllOf(Not(IsEmpty()), Each(StreamOf(1))));
}

TEST_F(TorchDeviceTest, ReadsAModelWithoutTheDevice) {
  twin_.Configure("log=on");
  (void)twin_.TakeStreams();
  ASSERT_TRUE(backend_->Read(TorchSource("mlp")).ok());
  twin_.Configure("log=off");
  EXPECT_THAT(twin_.TakeStreams(), IsEmpty());
}

TEST_F(TorchDeviceTest, RefusesAModelThatForks) {
  EXPECT_THAT(WhyNot("forks_within").ToString(), HasSubstr("torch.jit.fork"));
  const absl::Status status = WhyNot("forks");
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(std::string(status.message()),
            "model \"forks\": uses torch.jit.fork, whose work would leave its "
            "slot's stream on twin:0. Export it without, or set device: cpu");
}

TEST_F(TorchDeviceTest, RefusesDoublesWhereThereAreNone) {
  EXPECT_EQ(std::string(WhyNot("double_weights").message()),
            "model \"double_weights\": uses FP64, which twin:0 does not have. "
            "Export it with .float(), or set device: cpu");
  ModelSource source = TorchSource("affine");
  source.config.inputs[0].datatype = "FP64";
  EXPECT_THAT(WhyNot(source).ToString(), HasSubstr("uses FP64"));
  const RunResult result = Run(
      Load("identity"), {{"x", TensorOf<double>(DataType::kFp64, {1}, {1.5})}});
  EXPECT_EQ(result.outputs.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(std::string(result.outputs.status().message()),
            "input \"x\": twin:0 has no FP64; send FP32");
}

TEST_F(TorchDeviceTest, NamesAnOperatorThatTheDeviceLacks) {
  Model& model = Load("erfinv");
  twin_.Configure("missing=aten::erfinv");
  const RunResult result = Run(model, {Rows("x", {0.1F, 0.2F, 0.3F, 0.4F})});
  EXPECT_EQ(std::string(result.outputs.status().message()),
            "model \"erfinv\": operator aten::erfinv is missing on twin:0. Set "
            "device: cpu");
  EXPECT_EQ(result.fault, std::nullopt);
  twin_.Configure("missing=");
}

TEST_F(TorchDeviceTest, SaysThatADeviceIsBakedIntoTheGraph) {
  for (const char* name :
       {"fixed_device", "fixed_device_of_rows", "fixed_tensor"}) {
    const RunResult result = Run(Load(name), {kRow});
    EXPECT_EQ(std::string(result.outputs.status().message()),
              "model \"" + std::string(name) +
                  "\": traced with a fixed device \"cpu\"; it cannot run on "
                  "twin:0. Export again for twin, or set device: cpu");
    EXPECT_EQ(result.fault, std::nullopt);
  }
}

TEST_F(TorchDeviceTest, RetiresASlotThatCannotBeWaitedFor) {
  Model& model = Load("affine");
  twin_.Configure("fail_syncs=2");  // the run's, and the look at what is wrong
  const RunResult result = Run(model, {kRow});
  EXPECT_FALSE(result.outputs.ok());
  EXPECT_EQ(result.fault, Fault::kSlot);
  EXPECT_TRUE(Run(model, {kRow}).outputs.ok());
}

TEST_F(TorchDeviceTest, GoesOnWhereAFailedWaitCanBeRepeated) {
  Model& model = Load("affine");
  twin_.Configure("fail_syncs=1");
  const RunResult result = Run(model, {kRow});
  EXPECT_FALSE(result.outputs.ok());
  EXPECT_EQ(result.fault, std::nullopt);
}

TEST_F(TorchDeviceTest, DeclaresADeviceLostWhoseErrorStays) {
  Model& model = Load("sticky");
  twin_.Configure("poison=on");
  const std::vector<int64_t> hostile(8, 1000);
  const RunResult result = Run(model, {{"ids", IntTensor({1, 8}, hostile)}});
  EXPECT_EQ(result.fault, Fault::kDevice);
  SlotLease lease = *rig_.pool().Acquire(0, kNever);
  EXPECT_FALSE(backend_->Revive(lease).ok());
  Twin::Control().heal();
  EXPECT_TRUE(backend_->Revive(lease).ok());
  twin_.Configure("poison=off");
}

TEST_F(TorchDeviceTest, CountsTheMemoryOfItsModels) {
  const int64_t before = backend_->Memory(kTwinDevice).allocated_bytes;
  Model& model = Load("mlp");
  EXPECT_GT(backend_->Memory(kTwinDevice).allocated_bytes, before);
  (void)model;
  EXPECT_EQ(backend_->Memory("nonsense").allocated_bytes, 0);
}

TEST_F(TorchDeviceTest, AnswersFromPinnedMemory) {
  const RunResult result = Run(Load("affine"), {kRow});
  ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
  EXPECT_EQ((*result.outputs)[0].tensor.memory(), MemoryKind::kPinned);
}

}  // namespace
}  // namespace weir
