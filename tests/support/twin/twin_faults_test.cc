#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <array>
#include <csignal>
#include <string>

#include "backend/module.h"
#include "sync/clock.h"
#include "sync/thread.h"
#include "tests/support/command.h"
#include "tests/support/twin/twin_pair.h"
#include "tests/support/twin/twin_rig.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

constexpr uint32_t kSoonMs = 20000;

class TwinFaultsTest : public TwinTest {
 protected:
  // A hold that is never used up: the first one waits until the second comes.
  static constexpr char kMeet[] = "streams=wrap32,hold_ms=10000";
};

TEST_F(TwinFaultsTest, CountsOperatorsThatRunAtTheSameTimeOnTwoStreams) {
  Configure(kMeet);
  Configure("fault=count");
  TwinPair pair(1, /*has_two_streams=*/true);
  EXPECT_EQ(pair.Join(), 0);
  EXPECT_GE(Status().num_overlaps, 1U);
}

TEST_F(TwinFaultsTest, CorruptsAResultWhenTwoStreamsOverlap) {
  Configure(kMeet);
  Configure("fault=corrupt");
  TwinPair pair(1, /*has_two_streams=*/true);
  EXPECT_GE(pair.Join(), 1);
}

TEST_F(TwinFaultsTest, HangsWhenTwoStreamsOverlapUntilReleased) {
  Configure(kMeet);
  Configure("fault=hang");
  TwinPair pair(1, /*has_two_streams=*/true);
  ASSERT_EQ(twin_.await_blocked(1, kSoonMs), 1);
  Configure("fault=none");
  twin_.release();
  EXPECT_EQ(pair.Join(), 0);
  EXPECT_EQ(Status().num_blocked, 0U);
}

TEST_F(TwinFaultsTest, StallsTheOperatorThatIsNamedAndNoOther) {
  const at::Tensor x = at::zeros({2}, Device());
  Configure("stalls=aten::add");
  Thread stalled("stalled", [&] { x.add_(1); });
  ASSERT_EQ(twin_.await_blocked(1, kSoonMs), 1);
  EXPECT_EQ(x.mul(2).cpu()[0].item<float>(), 0);
  EXPECT_EQ(Status().num_blocked, 1U);
  twin_.release();
  EXPECT_EQ(Status().num_blocked, 0U);
  stalled.Join();
  EXPECT_EQ(x.cpu()[0].item<float>(), 1);
  EXPECT_EQ(Status().num_overlaps, 0U);
}

TEST_F(TwinFaultsTest, StallsAnOperatorEachTimeUntilToldNotTo) {
  const at::Tensor x = at::zeros({2}, Device());
  Configure("stalls=aten::add");
  Thread stalled("stalled", [&] { x.add_(1).add_(1); });
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(twin_.await_blocked(1, kSoonMs), 1) << i;
    twin_.release();
  }
  stalled.Join();
  Configure("stalls=");
  EXPECT_EQ(x.add_(1).cpu()[0].item<float>(), 3);
}

TEST_F(TwinFaultsTest, FailsAStalledOperatorWhoseDeviceBrokeMeanwhile) {
  const at::Tensor x = at::zeros({2}, Device());
  Configure("stalls=aten::add");
  std::string thrown;
  Thread stalled("stalled", [&] { thrown = Thrown([&] { x.add_(1); }); });
  ASSERT_EQ(twin_.await_blocked(1, kSoonMs), 1);
  twin_.poison();
  twin_.release();
  stalled.Join();
  EXPECT_THAT(thrown, HasSubstr("device-side assert"));
}

TEST_F(TwinFaultsTest, DoesNothingToOneStream) {
  Configure("streams=wrap32,fault=abort,hold_ms=5");
  TwinPair pair(3, /*has_two_streams=*/false);
  EXPECT_EQ(pair.Join(), 0);
  EXPECT_EQ(Status().num_overlaps, 0U);
}

TEST_F(TwinFaultsTest, DoesNothingToTwoStreamsOneAfterTheOther) {
  Configure("streams=wrap32,fault=abort,hold_ms=5");
  for (int i = 0; i < 3; ++i) {
    TwinPair pair(1, /*has_two_streams=*/false);
    EXPECT_EQ(pair.Join(), 0);
  }
  EXPECT_EQ(Status().num_overlaps, 0U);
}

TEST_F(TwinFaultsTest, DoesNothingToViews) {
  const at::Tensor x = at::empty({2, 3}, Device());
  Configure("streams=wrap32,fault=abort,hold_ms=2000");
  std::array<Thread, 2> threads;
  for (Thread& thread : threads) {
    thread = Thread("viewer", [&] {
      const c10::StreamGuard guard(NewStream());
      x.view({6});
    });
  }
  for (Thread& thread : threads) thread.Join();
  EXPECT_EQ(Status().num_overlaps, 0U);
}

CommandResult RunChild(const std::string& settings) {
  return RunCommand("LIBWEIR_TWIN=" + settings + " " + WEIR_TWIN_PAIR);
}

TEST(TwinChildTest, PlaysWhatTheEnvironmentSays) {
  EXPECT_EQ(RunChild("").status, 0);
  EXPECT_EQ(RunChild("streams=wrap32,hold_ms=10000,fault=corrupt").status, 1);
  EXPECT_EQ(RunChild("streams=wrap32,hold_ms=10000,fault=abort").status,
            128 + SIGABRT);
  EXPECT_EQ(RunChild("streams=one,fault=abort").status, 0);
}

TEST(TwinChildTest, HangsWhereTheEnvironmentSaysSo) {
  const std::string settings = "streams=wrap32,hold_ms=10000,fault=hang";
  EXPECT_EQ(
      RunCommand("LIBWEIR_TWIN=" + settings + " timeout 3 " + WEIR_TWIN_PAIR)
          .status,
      124);
}

TEST(TwinChildTest, DiesOfWhatIsWrongInTheEnvironment) {
  const CommandResult result = RunChild("streams=two");
  EXPECT_EQ(result.status, 128 + SIGABRT);
  EXPECT_THAT(result.output, HasSubstr("knows no setting streams=two"));
}

// The module's other entry, once for each process.
TEST(TwinEntryTest, HandsOnToTheModuleThatTheEnvironmentNames) {
  RealClock clock;
  ASSERT_EQ(setenv("LIBWEIR_TWIN_HANDS_ON", WEIR_FAKE_MODULE, 1), 0);
  const auto backend = LoadBackendModule(WEIR_TWIN_MODULE, {.clock = &clock});
  ASSERT_TRUE(backend.ok()) << backend.status();
  EXPECT_EQ((*backend)->name(), "fake");
}

}  // namespace
}  // namespace weir
