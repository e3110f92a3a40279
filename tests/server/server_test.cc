// The daemon without a program around it; tests/end_to_end has the real one.
#include "server/server.h"

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/thread.h"
#include "tests/server/server_rig.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST(ServerTest, SaysWhereItIsOnceEveryModelCanAnswer) {
  ServerRig rig;
  rig.config.devices = {{.device = "fake:1", .slots = 3}};
  rig.Script("a", "compute: affine");
  rig.Script("b", "compute: identity");
  ASSERT_TRUE(rig.Start().ok());
  EXPECT_THAT(rig.server().ReadyLine(),
              MatchesRegex("weir ready grpc=127\\.0\\.0\\.1:[0-9]+ "
                           "http=127\\.0\\.0\\.1:[0-9]+ models=2 "
                           "slots=fake:1:3 start=[0-9]+\\.[0-9]s"));
}

TEST(ServerTest, ListensNowhereForHttpWhereThatIsSaid) {
  ServerRig rig;
  rig.config.listen.http = {};
  rig.Script("a", "");
  ASSERT_TRUE(rig.Start().ok());
  EXPECT_THAT(rig.server().ReadyLine(), HasSubstr(" http= "));
}

TEST(ServerTest, IsNotReadyWhileAModelLoads) {
  ServerRig rig;
  rig.Script("quick", "");
  rig.Script("slow", "load_gate: hold");
  ASSERT_TRUE(rig.Make().Start().ok());
  rig.backend.Gate("hold").AwaitInside(1);
  EXPECT_THAT(rig.Get("/readyz"),
              AllOf(HasSubstr(" 503 "), HasSubstr("models are loading")));
  EXPECT_THAT(rig.Get("/healthz"), HasSubstr(" 200 "));
  rig.backend.Gate("hold").Open();
  ASSERT_TRUE(rig.server().AwaitReady().ok());
  EXPECT_THAT(rig.Get("/readyz"), HasSubstr(" 200 "));
}

TEST(ServerTest, NamesEachModelThatCannotBeLoaded) {
  ServerRig rig;
  rig.Script("bad", "load_fails_every: '1'");
  rig.Script("good", "");
  rig.Script("worse", "load_throws_every: '1'");
  const absl::Status loaded = rig.Start();
  EXPECT_EQ(loaded.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      std::string(loaded.message()),
      AllOf(HasSubstr("/bad"), HasSubstr("/worse"), Not(HasSubstr("/good"))));
}

TEST(ServerTest, StartsNothingWithoutAModel) {
  ServerRig rig;
  const absl::Status started = rig.Start();
  EXPECT_EQ(started.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(started.message()),
              HasSubstr(rig.config.models.directory));
}

TEST(ServerTest, StartsNothingWhereAnAddressIsInUse) {
  ServerRig first;
  first.Script("a", "");
  ASSERT_TRUE(first.Start().ok());
  ServerRig second;
  second.Script("a", "");
  second.config.listen.grpc = first.server().grpc_addresses();
  const absl::Status started = second.Start();
  EXPECT_EQ(started.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(started.message()),
              HasSubstr(first.server().grpc_addresses()[0]));
}

TEST(ServerTest, EndsWhenItWasAskedTo) {
  ServerRig rig;
  rig.Script("a", "");
  ASSERT_TRUE(rig.Start().ok());
  rig.server().Stop();
  const Server::End end = rig.server().Run();
  EXPECT_EQ(end.cause, Server::Cause::kAsked);
  EXPECT_TRUE(end.drained);
  EXPECT_FALSE(end.has_stuck_runs);
  EXPECT_THAT(rig.ReadLog(),
              EndsWith("\"accepted\":\"0\",\"answered\":\"0\"}\n"));
}

TEST(ServerTest, EndsThoughItWasAskedBeforeItHadBegun) {
  ServerRig rig;
  rig.Script("a", "load_gate: hold");
  rig.Make().Stop();
  ASSERT_TRUE(rig.server().Start().ok());
  EXPECT_EQ(rig.server().AwaitReady().code(), absl::StatusCode::kCancelled);
  rig.backend.Gate("hold").Open();
  EXPECT_TRUE(rig.server().Run().drained);
}

TEST(ServerTest, SaysThatItGoesAwayBeforeItRefusesRequests) {
  ServerRig rig;
  rig.config.drain.grace = std::chrono::minutes(1);
  rig.Script("a", "");
  ASSERT_TRUE(rig.Start().ok());
  rig.server().Stop();
  std::atomic<bool> has_ended = false;
  Thread runner("runner", [&] {
    rig.server().Run();
    has_ended = true;
  });
  std::string ready = rig.Get("/readyz");
  while (ready.find(" 503 ") == std::string::npos) ready = rig.Get("/readyz");
  EXPECT_THAT(ready, HasSubstr("going away"));
  EXPECT_FALSE(has_ended);
  while (!has_ended) rig.clock.Advance(std::chrono::minutes(1));
}

TEST(ServerTest, ShowsWhatItIsToPrograms) {
  ServerRig rig;
  rig.Script("unet", "");
  ASSERT_TRUE(rig.Start().ok());
  EXPECT_THAT(rig.Get("/status"), HasSubstr("\"name\":\"unet\""));
}

TEST(ServerTest, WarnsAtEachStartThatOtherMachinesReachIt) {
  ServerRig rig;
  rig.config.listen.grpc = {"*:0"};
  rig.config.listen.insecure_allow_remote = true;
  rig.Script("a", "");
  ASSERT_TRUE(rig.Start().ok());
  EXPECT_THAT(rig.ReadLog(), HasSubstr("insecure_allow_remote"));
  EXPECT_THAT(rig.Get("/metrics"), HasSubstr("\nweir_insecure_remote 1\n"));
}

TEST(ServerTest, HasAsManySlotsAsTheDeviceHasStreams) {
  ServerRig rig;
  rig.config.devices = {{.device = "fake:0", .slots = 64}};
  rig.Script("a", "");
  ASSERT_TRUE(rig.Start().ok());
  EXPECT_THAT(rig.ReadLog(), HasSubstr("\"level\":\"warning\""));
  EXPECT_THAT(
      rig.Get("/metrics"),
      HasSubstr("weir_slots{device=\"fake:0\",state=\"in_service\"} 32\n"));
}

}  // namespace
}  // namespace weir
