// Faults of a device with streams under the real pipeline: an error that
// sticks takes the device, a wait that fails takes one slot.
#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/torch/twin_pipeline.h"

namespace weir {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kLost[] = "twin:0 0 in service, lost";

class LostDeviceTwinTest : public TwinPipelineTest {
 protected:
  LostDeviceTwinTest() : TwinPipelineTest(/*slots=*/2) { Load("erfinv"); }

  // Two requests run and `num_waiting` wait when the device breaks for good.
  void BreakUnder(int num_waiting) {
    Stall("aten::erfinv");
    for (int i = 0; i < 2 + num_waiting; ++i) Send("erfinv");
    ASSERT_TRUE(AwaitStalled(2));
    Twin::Control().poison();
    LetGo();
  }
};

TEST_F(LostDeviceTwinTest, AnswersAllThatRunOrWaitOnADeviceThatIsLost) {
  BreakUnder(/*num_waiting=*/6);
  for (size_t i = 0; i < replies_.size(); ++i) {
    EXPECT_EQ(replies_[i].AwaitCode(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(replies_[i].Await().refusal,
              i < 2 ? Refusal::kNone : Refusal::kDeviceDown);
    EXPECT_THAT(TextOf(replies_[i]),
                HasSubstr(i < 2 ? "the device was lost during the run"
                                : "its device is lost"));
  }
  ExpectEachAnsweredOnce();
}

TEST_F(LostDeviceTwinTest, TellsTheOperatorThatTheDeviceIsLost) {
  BreakUnder(/*num_waiting=*/0);
  rig_.observer().Await(kLost);
  EXPECT_TRUE(rig_.slots().service().lost);
  EXPECT_THAT(scheduler().WhyNotReady("erfinv").ToString(),
              HasSubstr("its device is lost"));
}

TEST_F(LostDeviceTwinTest, RefusesAtOnceWhatComesLater) {
  BreakUnder(/*num_waiting=*/0);
  rig_.observer().Await(kLost);
  for (int i = 0; i < 5; ++i) {
    Reply& late = Send("erfinv");
    ASSERT_TRUE(late.IsThere());
    EXPECT_EQ(late.AwaitCode(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(late.Await().refusal, Refusal::kDeviceDown);
  }
  EXPECT_EQ(rig_.pipeline().ledger().accepted, 2U);
  ExpectEachAnsweredOnce();
}

class PoisonTwinTest : public TwinPipelineTest {
 protected:
  PoisonTwinTest() : TwinPipelineTest(/*slots=*/1) {}
};

// One request that no signature could refuse, as on a real GPU.
TEST_F(PoisonTwinTest, LosesTheDeviceToAnIdThatNobodySawComing) {
  twin_.Configure("poison=on");
  Load("embedding_hidden");
  Load("erfinv");
  Stall("aten::erfinv");
  Reply& before = Send("erfinv");
  ASSERT_TRUE(AwaitStalled(1));
  const std::vector<int64_t> good(8, 1);
  const std::vector<int64_t> hostile(8, 1000);
  Reply& poison = Send("embedding_hidden", {"ids", IntTensor({1, 8}, hostile)});
  Reply& behind = Send("embedding_hidden", {"ids", IntTensor({1, 8}, good)});
  LetGo();
  EXPECT_TRUE(before.Await().outputs.ok()) << TextOf(before);
  EXPECT_EQ(poison.AwaitCode(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(poison.Await().refusal, Refusal::kNone);
  EXPECT_EQ(behind.AwaitCode(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(behind.Await().refusal, Refusal::kDeviceDown);
  rig_.observer().Await(kLost);
  ExpectEachAnsweredOnce();
}

class LostSlotTwinTest : public TwinPipelineTest {
 protected:
  LostSlotTwinTest() : TwinPipelineTest(/*slots=*/2) {
    Load("erfinv");
    Load("affine", /*rows_max=*/2);
  }

  // A batch of two whose work cannot be waited for, though the device is well.
  void SendFailing() {
    twin_.Configure(
        "fail_syncs=2");  // the run's, and the look at what is wrong
    Send("affine");
    Send("affine");
  }
  int64_t NumFailures(size_t slot) {
    return static_cast<int64_t>(rig_.slots().Read().slots[slot].failures);
  }
};

TEST_F(LostSlotTwinTest, AnswersUnavailableWhereTheSlotFailed) {
  SendFailing();
  for (Reply& reply : replies_) {
    EXPECT_EQ(reply.AwaitCode(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(TextOf(reply), HasSubstr("the slot failed during the run"));
  }
  ExpectEachAnsweredOnce();
}

TEST_F(LostSlotTwinTest, RetiresThatSlotAloneAndRepairsIt) {
  SendFailing();
  rig_.observer().Await("twin:0 1 in service");
  rig_.observer().Await("twin:0 2 in service");
  EXPECT_EQ(NumFailures(0) + NumFailures(1), 1);
  EXPECT_THAT(rig_.observer().lines(), Not(Contains(HasSubstr("lost"))));
  Stall("aten::erfinv");
  Send("erfinv");
  Send("erfinv");
  EXPECT_TRUE(AwaitStalled(2));  // on both slots
  LetGo();
  EXPECT_TRUE(replies_[2].Await().outputs.ok()) << TextOf(replies_[2]);
  EXPECT_TRUE(replies_[3].Await().outputs.ok()) << TextOf(replies_[3]);
  ExpectEachAnsweredOnce();
}

TEST_F(LostSlotTwinTest, LeavesTheRunOfTheOtherSlotAlone) {
  Stall("aten::erfinv");
  Reply& other = Send("erfinv");
  ASSERT_TRUE(AwaitStalled(1));
  SendFailing();
  rig_.observer().Await("twin:0 1 in service");
  rig_.observer().Await("twin:0 2 in service");
  EXPECT_FALSE(other.IsThere());
  LetGo();
  EXPECT_TRUE(other.Await().outputs.ok()) << TextOf(other);
  EXPECT_EQ(NumFailures(0) + NumFailures(1), 1);
  ExpectEachAnsweredOnce();
}

// An operator that fails leaves nothing behind, so its slot stays.
TEST_F(LostSlotTwinTest, KeepsTheSlotWhereAnOperatorFailed) {
  twin_.Configure("missing=aten::erfinv");
  EXPECT_EQ(Send("erfinv").AwaitCode(), absl::StatusCode::kInternal);
  twin_.Configure("missing=");
  EXPECT_TRUE(Send("erfinv").Await().outputs.ok());
  EXPECT_EQ(rig_.slots().service().number, 0U);  // nothing ever changed
  ExpectEachAnsweredOnce();
}

}  // namespace
}  // namespace weir
