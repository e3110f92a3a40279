// TwinPipelineTest: a fixture with the real pipeline over libtorch and the
// twin, by a simulated clock: real models, whose operators a test can stall.
//
//   TEST_F(WatchdogTwinTest, ...) {            // a TwinPipelineTest of 2 slots
//     Load("erfinv");
//     Stall("aten::erfinv");
//     Reply& held = Send("erfinv");
//     ASSERT_TRUE(AwaitStalled(1));            // it is inside its operator
//     ...
//     LetGo();
//     EXPECT_TRUE(held.Await().outputs.ok());
//     ExpectEachAnsweredOnce();
//   }
//
// Thread-safety: one thread.
// Ownership: the fixture owns everything; its destructor lets go of what is
// stalled and answers what is left, so that no failed test hangs in there.
// Failure: dies where the twin, the pipeline or a model cannot be had.
#ifndef WEIR_TESTS_TORCH_TWIN_PIPELINE_H_
#define WEIR_TESTS_TORCH_TWIN_PIPELINE_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "sync/simulated_clock.h"
#include "tests/support/real_pipeline.h"
#include "tests/torch/torch_fixtures.h"
#include "tests/torch/torch_rig.h"
#include "tests/torch/twin.h"

namespace weir {

class TwinPipelineTest : public testing::Test {
 public:
  ~TwinPipelineTest() override { LetGo(); }

 protected:
  static constexpr Duration kRunTimeMax = std::chrono::seconds(2);

  explicit TwinPipelineTest(int slots) : slots_(slots) {}

  // Requests run together, `rows_max` of them, and wait until they are so many.
  ModelSignature Load(const std::string& name, int rows_max = 1) {
    ModelSource source = TorchSource(name);
    source.config.batch =
        BatchConfig{.rows_max = rows_max, .delay_max = std::chrono::minutes(1)};
    return rig_.Load(source);
  }

  // A request of one row.
  Reply& Send(const std::string& model) {
    return Send(model, Rows("x", {0.1F, 0.2F, 0.3F, 0.4F}));
  }
  Reply& Send(const std::string& model, NamedTensor input) {
    rig_.Send(model, replies_.emplace_back(), {std::move(input)});
    return replies_.back();
  }

  // From now on each of these operators waits to be let go.
  void Stall(const std::string& name) { twin_.Configure("stalls=" + name); }
  // Whether so many of them do wait.
  static bool AwaitStalled(uint64_t count) {
    constexpr uint32_t kPatienceMs = 30000;
    return Twin::Control().await_blocked(count, kPatienceMs) == 1;
  }
  static uint64_t NumStalled() {
    WeirTwinStatus status = {};
    Twin::Control().status(&status);
    return status.num_blocked;
  }
  // Those that wait go on; the next ones wait again.
  static void Step() { Twin::Control().release(); }
  // They go on, and none waits any more.
  void LetGo() {
    twin_.Configure("stalls=");
    Step();
  }

  // REQUIRES: no request is left that only LetGo or the clock gets answered.
  void ExpectEachAnsweredOnce() {
    for (Reply& reply : replies_) reply.Await();
    const AnswerLedger& ledger = rig_.pipeline().ledger();
    EXPECT_EQ(ledger.answered, ledger.accepted);
    EXPECT_EQ(ledger.lost, 0U);
  }
  static std::string TextOf(Reply& reply) {
    return reply.Await().outputs.status().ToString();
  }
  Scheduler& scheduler() { return rig_.pipeline().scheduler(); }

 private:
  RealPipeline::Options Options() const {
    RealPipeline::Options options{.device = kTwinDevice, .slots = slots_};
    options.config.limits.run_time_max = kRunTimeMax;
    return options;
  }

  const int slots_;

 protected:
  // In the order in which they need each other.
  std::deque<Reply> replies_;
  SimulatedClock clock_;
  Twin twin_{"streams=wrap32"};
  std::unique_ptr<Backend> backend_ = Twin::MakeBackend(clock_);
  RealPipeline rig_{*backend_, clock_, Options()};
};

}  // namespace weir

#endif  // WEIR_TESTS_TORCH_TWIN_PIPELINE_H_
