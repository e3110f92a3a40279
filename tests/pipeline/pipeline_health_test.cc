// Whatever changes what can answer is told to the observer, so that a board
// that is updated by nothing else is always right in the end.
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/pipeline/health_board.h"
#include "tests/support/pipeline_rig.h"

namespace weir {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

constexpr Health kUnknown = Health::kUnknown;
constexpr Health kServing = Health::kServing;
constexpr Health kNotServing = Health::kNotServing;

class Listener final : public HealthWatcher {
 public:
  void Tell(Health health) override {
    MutexLock lock(mutex_);
    told_.push_back(health);
    changed_.NotifyAll();
  }
  void End() override {}

  // The first things that it is told, once they are so many.
  std::vector<Health> Await(int num_told) {
    MutexLock lock(mutex_);
    while (told_.size() < static_cast<size_t>(num_told)) changed_.Wait(mutex_);
    return {told_.begin(), told_.begin() + num_told};
  }
  std::vector<Health> told() const {
    MutexLock lock(mutex_);
    return told_;
  }

 private:
  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<Health> told_ ABSL_GUARDED_BY(mutex_);
};

RigOptions WithTwoSlots() {
  RigOptions options{.slots = 2};
  options.config.limits.run_time_max = seconds(2);
  return options;
}

class PipelineHealthTest : public testing::Test {
 protected:
  PipelineHealthTest() {
    rig_.observer.then = [this] { board_.Update(); };
    board_.Watch("m", listener_);
  }
  void TearDown() override { board_.Close(); }

  // Sends a request whose run the watchdog gives up.
  void Wedge(Reply& reply) {
    rig_.Send("m", reply);
    rig_.backend.Gate("stuck").AwaitInside(1);
    rig_.clock.AwaitTimedWaiters(1);
    rig_.clock.Advance(seconds(2));
    EXPECT_EQ(reply.Await().refusal, Refusal::kWatchdog);
  }

  std::shared_ptr<Listener> listener_ = std::make_shared<Listener>();
  HealthBoard board_{[this](const std::string& service) {
    return rig_.pipeline->WhyNotReady(service, 0);
  }};
  PipelineRig rig_{WithTwoSlots()};
};

TEST_F(PipelineHealthTest, FollowsAModelFromItsLoadToItsEnd) {
  EXPECT_THAT(listener_->Await(1), ElementsAre(kUnknown));
  rig_.Load("m");
  EXPECT_THAT(listener_->Await(3),
              ElementsAre(kUnknown, kNotServing, kServing));
  ASSERT_TRUE(rig_.pipeline->store().Unload("m").ok());
  EXPECT_EQ(listener_->Await(4).back(), kNotServing);
  rig_.Load("m");
  EXPECT_EQ(listener_->Await(5).back(), kServing);
}

TEST_F(PipelineHealthTest, GoesOnServingWhileAnotherVersionComes) {
  rig_.Load("m");
  rig_.Load("m", {}, /*version=*/2);
  rig_.observer.Await("m/1 unloaded");
  EXPECT_THAT(listener_->told(), ElementsAre(kUnknown, kNotServing, kServing));
}

TEST_F(PipelineHealthTest, SaysThatAModelIsStuckAndThatItIsNotAnyMore) {
  rig_.backend.Script("m", {.gate = "stuck", .waits = {.at = 1}});
  rig_.backend.FailRevives("fake:0", 100);
  ModelConfig config;
  config.runs_max = 1;
  rig_.Load("m", config);
  Reply wedged;
  Wedge(wedged);
  EXPECT_EQ(listener_->Await(4).back(), kNotServing);
  rig_.backend.Gate("stuck").Open();
  EXPECT_EQ(listener_->Await(5).back(), kServing);
}

TEST_F(PipelineHealthTest, SaysThatADeviceIsLostAndThatItIsBack) {
  rig_.backend.Script(
      "m", {.gate = "stuck", .faults = {.at = 1}, .fault = Fault::kDevice});
  rig_.Load("m");
  Reply broken;
  rig_.Send("m", broken);
  rig_.backend.Gate("stuck").AwaitInside(1);
  rig_.backend.Gate("stuck").Open();
  EXPECT_EQ(listener_->Await(4).back(), kNotServing);
  EXPECT_EQ(listener_->Await(5).back(), kServing);
}

}  // namespace
}  // namespace weir
