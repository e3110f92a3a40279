#include "server/pipeline/model_store.h"

#include <atomic>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/pipeline_rig.h"
#include "tests/support/scale.h"

namespace weir {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// R25, R26
TEST(ModelStoreTest, LoadsOnceForThirtyTwoThreadsThatAskAtOnce) {
  PipelineRig rig({.slots = 4});
  std::vector<ModelHandle> handles(32);
  {
    std::vector<Thread> threads;
    for (ModelHandle& handle : handles) {
      threads.emplace_back("loader", [&] { handle = *rig.TryLoad("m"); });
    }
  }
  EXPECT_EQ(std::set<ModelHandle>(handles.begin(), handles.end()).size(), 1);
  EXPECT_EQ(rig.backend.LiveModels(), 1);
}

// R23
TEST(ModelStoreTest, MakesNothingOfUnknownNames) {
  PipelineRig rig;
  rig.Load("m");
  for (int i = 0; i < Scaled(100000); ++i) {
    EXPECT_EQ(
        rig.pipeline->store().Find(absl::StrCat("no", i), 0).status().code(),
        absl::StatusCode::kNotFound);
  }
  EXPECT_EQ(rig.pipeline->store().List().size(), 1);
}

TEST(ModelStoreTest, NamesWhatItDoesNotFind) {
  PipelineRig rig;
  rig.Load("m");
  const ModelStore& store = rig.pipeline->store();
  EXPECT_EQ(store.Find("no\n", 0).status().message(),
            "unknown model \"no\\n\"");
  EXPECT_EQ(store.Find("m", 7).status().message(),
            "unknown model \"m\", version 7");
}

TEST(ModelStoreTest, EscapesAndCutsAnUnknownNameInItsAnswer) {
  PipelineRig rig;
  Reply reply;
  rig.Send(std::string(1 << 20, 'a') + "\n", reply);
  EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kNotFound);
  EXPECT_LT(reply.Await().outputs.status().message().size(), 128);
}

TEST(ModelStoreTest, KeepsTheOldVersionWhereTheNewOneFailsToLoad) {
  PipelineRig rig;
  rig.Load("m");
  rig.backend.Script("m", {.load_fails = {.every = 1}});
  EXPECT_FALSE(rig.TryLoad("m", {}, /*version=*/2).ok());
  EXPECT_EQ((*rig.pipeline->store().Find("m", 0))->version(), 1);
  EXPECT_EQ(rig.pipeline->store().Find("m", 2).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(ModelStoreTest, FreesTheOldVersionOnceItsLastRequestIsAnswered) {
  PipelineRig rig({.slots = 2});
  rig.backend.Script("m", {.gate = "hold"});
  rig.Load("m");
  Reply old;
  rig.Send("m", old);
  rig.backend.Gate("hold").AwaitInside(1);
  rig.backend.Script("m", {.compute = FakeCompute::kAffine, .offset = 1});
  rig.Load("m", {}, /*version=*/2);
  Reply young;
  rig.Send("m", young, 1);
  EXPECT_THAT(PipelineRig::Values(young), ElementsAre(2));
  EXPECT_EQ(rig.backend.FreeCount(), 0);
  rig.backend.Gate("hold").Open();
  EXPECT_THAT(PipelineRig::Values(old), ElementsAre(1));
  rig.observer.Await("m/1 unloaded");
  EXPECT_EQ(rig.backend.FreeCount(), 1);
  EXPECT_EQ(rig.pipeline->store().List().size(), 1);
}

TEST(ModelStoreTest, RunsThePartialBatchesOfAVersionThatIsReplaced) {
  PipelineRig rig;
  rig.Load("m", Batched(8, std::chrono::hours(1)));
  Reply waiting;
  rig.Send("m", waiting);
  rig.Load("m", Batched(8, std::chrono::hours(1)), /*version=*/2);
  EXPECT_TRUE(waiting.Await().outputs.ok());
}

TEST(ModelStoreTest, WarmsUpBeforeItTakesRequests) {
  PipelineRig rig;
  ModelConfig config = Batched(8);
  config.warm_up = {1, 8};
  rig.Load("m", config);
  EXPECT_EQ(rig.backend.RunCount(), 2);
  EXPECT_THAT(rig.observer.lines(), Contains("m/1 warming up"));
}

TEST(ModelStoreTest, FailsALoadWhoseWarmUpFailsAndFreesTheModel) {
  PipelineRig rig;
  rig.backend.Script("m", {.fails = {.every = 1}});
  ModelConfig config = Batched(8);
  config.warm_up = {1};
  EXPECT_FALSE(rig.TryLoad("m", config).ok());
  EXPECT_EQ(rig.backend.LiveModels(), 0);
  EXPECT_EQ(rig.slots().Read().num_leased, 0);
}

TEST(ModelStoreTest, FreesTheFirstDeviceWhereTheSecondFails) {
  PipelineRig rig({.devices = 2});
  rig.backend.Script("m", {.load_fails = {.at = 2}});
  ModelConfig config;
  config.devices = {"fake:0", "fake:1"};
  EXPECT_FALSE(rig.TryLoad("m", config).ok());
  EXPECT_EQ(rig.backend.LiveModels(), 0);
  EXPECT_EQ(rig.backend.FreeCount(), 1);
}

TEST(ModelStoreTest, BlamesNoSlotForALoadThatNeverGotOne) {
  RigOptions options;
  options.config.limits.load_time_max = std::chrono::seconds(2);
  PipelineRig rig(options);
  SlotLease taken = *rig.slots().TryAcquire(-1);
  Thread clock("clock", [&] {
    while (rig.slots().Read().num_waiters == 0) std::this_thread::yield();
    rig.clock.AwaitTimedWaiters(1);
    rig.clock.Advance(std::chrono::seconds(2));
  });
  EXPECT_EQ(rig.TryLoad("m").status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(rig.slots().service().in_service, 1);
}

TEST(ModelStoreTest, RefusesAWarmUpThatNoMemoryHolds) {
  PipelineRig rig;
  ModelConfig config = Batched(8);
  config.inputs[0].shape = {-1, 2147483647, 2147483647, 2147483647};
  config.outputs[0].shape = config.inputs[0].shape;
  config.warm_up = {1};
  EXPECT_EQ(rig.TryLoad("m", config).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ModelStoreTest, RefusesVersionsBelowOne) {
  PipelineRig rig;
  EXPECT_EQ(rig.TryLoad("m", {}, 0).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ModelStoreTest, RunsAtOnceWhatANewVersionsCapAllows) {
  PipelineRig rig({.slots = 2});
  rig.backend.Script("m", {.gate = "hold"});
  ModelConfig config;
  config.runs_max = 1;
  rig.Load("m", config);
  Reply first;
  Reply second;
  rig.Send("m", first);
  rig.Send("m", second);
  rig.backend.Gate("hold").AwaitInside(1);
  EXPECT_TRUE(rig.pipeline->store().Unload("m").ok());
  config.runs_max = 2;
  rig.Load("m", config, /*version=*/2);
  rig.backend.Gate("hold").AwaitInside(2);
  rig.backend.Gate("hold").Open();
}

TEST(ModelStoreTest, RefusesAModelOnADeviceThatIsNotConfigured) {
  PipelineRig rig;
  ModelConfig config;
  config.devices = {"fake:2"};
  const auto loaded = rig.TryLoad("m", config);
  EXPECT_EQ(loaded.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(loaded.status().message()), HasSubstr("fake:2"));
}

TEST(ModelStoreTest, ForgetsAnUnloadedModelOnlyInItsAnswers) {
  PipelineRig rig;
  rig.Load("m");
  EXPECT_TRUE(rig.pipeline->store().Unload("m").ok());
  rig.observer.Await("m/1 unloaded");
  Reply reply;
  rig.Send("m", reply);
  EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(rig.pipeline->store().Unload("m").code(),
            absl::StatusCode::kNotFound);
  rig.Load("m");  // and back again
}

TEST(ModelStoreTest, KeepsAVersionThatIsLoadedAgainBeforeItWasFreed) {
  PipelineRig rig({.slots = 2});
  ModelHandle first = *rig.TryLoad("m");
  EXPECT_TRUE(rig.pipeline->store().Unload("m").ok());
  ModelHandle second = *rig.TryLoad("m");
  EXPECT_TRUE(rig.pipeline->store().Unload("m").ok());
  rig.Load("m", {}, /*version=*/2);
  first.reset();
  second.reset();
  while (rig.backend.FreeCount() < 2) std::this_thread::yield();
  Reply reply;
  rig.Send("m", reply);
  EXPECT_TRUE(reply.Await().outputs.ok());
}

// R24
TEST(ModelStoreTest, LoadsUnloadsListsAndAnswersAllAtOnce) {
  PipelineRig rig({.slots = 4});
  std::atomic<int> odd = 0;
  std::vector<Thread> threads;
  for (int i = 0; i < 4; ++i) {
    const std::string name = absl::StrCat("m", i % 2);
    threads.emplace_back("loader", [&rig, name] {
      for (int round = 1; round <= Scaled(100); ++round) {
        // May fail where the other thread unloads: then it was answered so.
        rig.TryLoad(name, {}, round).status().IgnoreError();
        rig.pipeline->store().List();
        if (round % 4 == 0) {
          rig.pipeline->store().Unload(name).IgnoreError();
        }
      }
    });
    threads.emplace_back("sender", [&rig, &odd, name] {
      for (int round = 0; round < Scaled(500); ++round) {
        Reply reply;
        rig.Send(name, reply, 3);
        const absl::StatusCode code = reply.AwaitCode();
        odd += code != absl::StatusCode::kOk &&
               code != absl::StatusCode::kNotFound &&
               code != absl::StatusCode::kUnavailable;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(odd, 0);
}

// R27
TEST(ModelStoreTest, AnswersSixteenThreadsThatAllComeFirst) {
  PipelineRig rig({.slots = 4});
  rig.Load("m");
  std::vector<Thread> threads;
  std::atomic<int> good = 0;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back("first", [&rig, &good] {
      Reply reply;
      rig.Send("m", reply);
      good += reply.Await().outputs.ok() ? 1 : 0;
    });
  }
  threads.clear();
  EXPECT_EQ(good, 16);
}

}  // namespace
}  // namespace weir
