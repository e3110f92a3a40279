#include "backend/fake/fake_backend.h"

#include <set>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/thread.h"
#include "tests/support/fake_rig.h"
#include "tests/support/tensors.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const Tensor& OutputOf(const RunResult& result, size_t index = 0) {
  return (*result.outputs)[index].tensor;
}

TEST(FakeBackendTest, ComputesFromWhatItGets) {
  FakeRig rig(1);
  rig.backend.Script(
      "twice", {.compute = FakeCompute::kAffine, .scale = 2, .offset = 1});
  rig.backend.Script("sum", {.compute = FakeCompute::kRowSum});
  auto twice = rig.Load("twice");
  auto sum = rig.Load("sum");
  const Tensor x = FloatTensor({2, 2}, {1, 2, 3, 4});
  EXPECT_THAT(Floats(OutputOf(rig.Run(*twice, {x}))), ElementsAre(3, 5, 7, 9));
  EXPECT_THAT(Floats(OutputOf(rig.Run(*sum, {x}))), ElementsAre(3, 7));
  const Tensor i = IntTensor({1, 2}, {10, -20});
  EXPECT_THAT(ValuesOf<int64_t>(OutputOf(rig.Run(*sum, {i}))),
              ElementsAre(-10));
  rig.Free(std::move(twice));
  rig.Free(std::move(sum));
}

TEST(FakeBackendTest, TakesTheTimeOfItsScript) {
  FakeRig rig(1);
  rig.backend.Script(
      "slow", {.delay = milliseconds(3), .delay_per_row = milliseconds(2)});
  auto model = rig.Load("slow");
  RunResult result{Outputs{}, {}, std::nullopt};
  Thread runner("runner", [&] {
    result = rig.Run(*model, {FloatTensor({2, 1}, {1, 2})});
  });
  rig.clock.AwaitTimedWaiters(1);
  EXPECT_EQ(rig.clock.NextDeadline(), rig.clock.Now() + milliseconds(7));
  rig.clock.Advance(milliseconds(7));
  runner.Join();
  EXPECT_EQ(result.stats.run, milliseconds(7));
  EXPECT_EQ(result.stats.rows, 2);
  rig.Free(std::move(model));
}

TEST(FakeBackendTest, FailsThePoisonedRequestAndNotItsMateAlone) {
  FakeRig rig(1);
  rig.backend.Script("picky", {.fail_code = absl::StatusCode::kInvalidArgument,
                               .poison = 666});
  auto model = rig.Load("picky");
  const Tensor good = FloatTensor({1, 1}, {1});
  const Tensor bad = FloatTensor({1, 1}, {666});
  EXPECT_EQ(rig.Run(*model, {good, bad}).outputs.status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(rig.Run(*model, {good}).outputs.ok());
  EXPECT_FALSE(rig.Run(*model, {bad}).outputs.ok());
  rig.Free(std::move(model));
}

TEST(FakeBackendTest, AnswersWronglyWhenScripted) {
  FakeRig rig(1);
  rig.backend.Script("wrong", {.corrupts = {.at = 1}, .misshapes = {.at = 2}});
  rig.backend.Script(
      "more", {.misshapes = {.at = 1}, .misshape = FakeMisshape::kExtraOutput});
  auto wrong = rig.Load("wrong");
  auto more = rig.Load("more");
  const Tensor x = FloatTensor({2, 1}, {1, 2});
  EXPECT_NE(Floats(OutputOf(rig.Run(*wrong, {x})))[0], 1.0F);
  EXPECT_THAT(Floats(OutputOf(rig.Run(*wrong, {x}))), ElementsAre(1));
  EXPECT_THAT(Floats(OutputOf(rig.Run(*wrong, {x}))), ElementsAre(1, 2));
  EXPECT_THAT(*rig.Run(*more, {x}).outputs, SizeIs(2));
  rig.Free(std::move(wrong));
  rig.Free(std::move(more));
}

TEST(FakeBackendTest, AliasesItsInputWhenScripted) {
  FakeRig rig(1);
  rig.backend.Script("alias", {.alias = true});
  auto model = rig.Load("alias");
  const Tensor x = FloatTensor({1, 2}, {1, 2});
  const RunResult result = rig.Run(*model, {x});
  EXPECT_EQ(OutputOf(result).owner(), x.owner());
  rig.Free(std::move(model));
}

TEST(FakeBackendTest, WedgesUntilReleasedAndIgnoresStop) {
  FakeRig rig(1);
  rig.backend.Script("stuck", {.gate = "stuck", .waits = {.at = 2}});
  auto model = rig.Load("stuck");
  const Tensor x = FloatTensor({1, 1}, {1});
  EXPECT_TRUE(rig.Run(*model, {x}).outputs.ok());
  const std::atomic<bool> stop = true;
  Thread runner("runner", [&] {
    EXPECT_TRUE(rig.Run(*model, {x}, {.stop = &stop}).outputs.ok());
  });
  rig.backend.Gate("stuck").AwaitInside(1);
  rig.backend.Gate("stuck").Open();
  runner.Join();
  rig.Free(std::move(model));
}

TEST(FakeBackendTest, HeedsStopWhenScripted) {
  FakeRig rig(1);
  rig.backend.Script("long", {.gate = "never", .heeds_stop = true});
  auto model = rig.Load("long");
  const std::atomic<bool> stop = true;
  const RunResult result =
      rig.Run(*model, {FloatTensor({1, 1}, {1})}, {.stop = &stop});
  EXPECT_EQ(result.outputs.status().code(), absl::StatusCode::kCancelled);
  rig.Free(std::move(model));
}

TEST(FakeBackendTest, FailsAndThrowsAtLoadingWhenScripted) {
  FakeRig rig(1);
  rig.backend.Script("late",
                     {.load_fails = {.at = 1}, .load_throws = {.at = 2}});
  EXPECT_EQ(rig.TryLoad("late").status().code(), absl::StatusCode::kInternal);
  const absl::Status threw = rig.TryLoad("late").status();
  EXPECT_EQ(threw.code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(threw.message()), Not(HasSubstr("/")));
  EXPECT_EQ(rig.backend.LiveModels(), 0);
  auto model = rig.Load("late");
  EXPECT_EQ(rig.backend.LiveModels(), 1);
  rig.Free(std::move(model));
  EXPECT_EQ(rig.backend.LiveModels(), 0);
  EXPECT_EQ(rig.backend.FreeCount(), 1);
}

TEST(FakeBackendTest, BlocksLoadingInAGate) {
  FakeRig rig(1);
  rig.backend.Script("slow", {.load_gate = "loading"});
  Thread loader("loader", [&] { rig.Free(rig.Load("slow")); });
  rig.backend.Gate("loading").AwaitInside(1);
  EXPECT_EQ(rig.backend.LiveModels(), 0);
  rig.backend.Gate("loading").Open();
}

TEST(FakeBackendTest, RefusesAModelItCannotRead) {
  FakeRig rig(1);
  ModelConfig config;
  config.backend_options = {{"nonsense", "1"}};
  EXPECT_EQ(rig.TryLoad("m", config).status().code(),
            absl::StatusCode::kInvalidArgument);
  config.backend_options = {};
  config.inputs = {{.name = "x", .datatype = "FP33", .shape = {-1}}};
  EXPECT_EQ(rig.TryLoad("m", config).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// R13
TEST(FakeBackendTest, KnowsNoDeviceButItsOwn) {
  SimulatedClock clock;
  FakeBackend backend({}, clock);
  for (const char* name : {"", "fake", "fake:2", "fake:-1", "fake:00", "cpu"}) {
    EXPECT_EQ(backend.Probe(name, 1).status().code(),
              absl::StatusCode::kNotFound);
    EXPECT_EQ(backend.Memory(name), DeviceMemory{});
  }
}

// A run of which another begins before it ends: the clock moves only once both
// are in it. Answers by the thread that ran first.
std::vector<float> AnswersOfTwoAtOnce(FakeRig& rig, Model& model) {
  std::vector<float> answers(2);
  const auto run = [&](size_t index) {
    answers[index] =
        Floats(OutputOf(rig.Run(model, {FloatTensor({1, 1}, {1})})))[0];
  };
  Thread first("first", [&] { run(0); });
  rig.clock.AwaitTimedWaiters(1);
  Thread second("second", [&] { run(1); });
  rig.clock.AwaitTimedWaiters(2);
  rig.clock.Advance(milliseconds(1));
  first.Join();
  second.Join();
  return answers;
}

TEST(FakeBackendTest, CorruptsRunsThatOverlapWhenScripted) {
  FakeRig rig(3);
  rig.backend.Script(
      "thin", {.delay = milliseconds(1), .overlap = FakeOverlap::kCorrupts});
  rig.backend.Script("thick", {.delay = milliseconds(1),
                               .overlap = FakeOverlap::kCorrupts,
                               .overlap_runs = 3});
  auto thin = rig.Load("thin");
  auto thick = rig.Load("thick");
  EXPECT_NE(AnswersOfTwoAtOnce(rig, *thin)[1], 1);
  EXPECT_THAT(AnswersOfTwoAtOnce(rig, *thick), ElementsAre(1, 1));
  rig.Free(std::move(thin));
  rig.Free(std::move(thick));
}

TEST(FakeBackendDeathTest, AbortsOfRunsThatOverlapWhenScripted) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  FakeRig rig(2);
  rig.backend.Script(
      "thin", {.delay = milliseconds(1), .overlap = FakeOverlap::kAborts});
  auto thin = rig.Load("thin");
  EXPECT_DEATH(AnswersOfTwoAtOnce(rig, *thin), "scripted: 2 runs at once");
  rig.Free(std::move(thin));
}

FakeBackend::Options OneDevice(int num_streams, FakeProbeEnd end) {
  return {.devices = {{.num_streams = num_streams, .probe_end = end}}};
}

TEST(FakeBackendTest, FindsFewerSlotsWhereItsProbeThrows) {
  SimulatedClock clock;
  FakeBackend backend(OneDevice(3, FakeProbeEnd::kThrows), clock);
  const Probed probed = *backend.Probe("fake:0", 4);
  EXPECT_THAT(probed.slots, SizeIs(3));
  EXPECT_THAT(probed.warnings, ElementsAre("fake:0 threw after 3 streams"));
}

TEST(FakeBackendTest, HasNoSlotWhereItHasNoStream) {
  SimulatedClock clock;
  FakeBackend backend(OneDevice(0, FakeProbeEnd::kRepeats), clock);
  EXPECT_EQ(backend.Probe("fake:0", 1).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(FakeBackendTest, BlocksInItsProbeWhenScripted) {
  SimulatedClock clock;
  FakeBackend backend(OneDevice(2, FakeProbeEnd::kBlocks), clock);
  int told = 0;
  const auto tell = [&](int num_found) { told = num_found; };
  Thread prober("prober", [&] {
    EXPECT_THAT(backend.Probe("fake:0", 4, tell)->slots, SizeIs(2));
  });
  backend.Gate("probe").AwaitInside(1);
  EXPECT_EQ(told, 2);
  backend.Gate("probe").Open();
}

TEST(FakeBackendDeathTest, AbortsInItsProbeWhenScripted) {
  SimulatedClock clock;
  FakeBackend backend(OneDevice(2, FakeProbeEnd::kAborts), clock);
  EXPECT_EQ(backend.Devices().size(), 1);
  EXPECT_DEATH((void)backend.Probe("fake:0", 4), "");
}

TEST(FakeBackendTest, ProbesADeviceOnce) {
  FakeRig rig(1);
  EXPECT_EQ(rig.backend.Probe("fake:0", 1).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace weir
