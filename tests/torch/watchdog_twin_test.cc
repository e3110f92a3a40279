// Runs of real models that wedge inside an operator.
#include <chrono>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/torch/twin_pipeline.h"

namespace weir {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

class WatchdogTwinTest : public TwinPipelineTest {
 protected:
  WatchdogTwinTest() : TwinPipelineTest(/*slots=*/2) {
    Load("erfinv", /*rows_max=*/2);
    Load("affine");
    Stall("aten::erfinv");
  }

  // Two requests that run as one batch, which does not return.
  void SendWedged() {
    Send("erfinv");
    Send("erfinv");
  }
  // One such batch, whose time is over.
  void Wedge() {
    SendWedged();
    ASSERT_TRUE(AwaitStalled(1));
    clock_.Advance(kRunTimeMax);
    rig_.observer().Await("stuck erfinv on twin:0");
  }
};

TEST_F(WatchdogTwinTest, AnswersEachRequestOfAWedgedBatchWhenItsTimeIsOver) {
  SendWedged();
  ASSERT_TRUE(AwaitStalled(1));
  clock_.Advance(kRunTimeMax - std::chrono::nanoseconds(1));
  EXPECT_TRUE(Send("affine").Await().outputs.ok());
  EXPECT_FALSE(replies_[0].IsThere());
  EXPECT_FALSE(replies_[1].IsThere());
  clock_.Advance(std::chrono::nanoseconds(1));
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(replies_[i].AwaitCode(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(replies_[i].Await().refusal, Refusal::kWatchdog);
    EXPECT_THAT(TextOf(replies_[i]), HasSubstr("the run took too long"));
  }
  EXPECT_EQ(NumStalled(), 1U);  // it hangs still, and was one run
  ExpectEachAnsweredOnce();
}

TEST_F(WatchdogTwinTest, ShowsTheSlotOfAWedgedRunAsOutOfService) {
  Wedge();
  const SlotPool::Snapshot slots = rig_.slots().Read();
  EXPECT_EQ(slots.service.in_service, 1);
  EXPECT_FALSE(slots.service.lost);
  int num_stuck = 0;
  for (const SlotCounters& slot : slots.slots) {
    EXPECT_EQ(slot.leased, !slot.in_service);
    num_stuck += slot.in_service ? 0 : 1;
  }
  EXPECT_EQ(num_stuck, 1);
  EXPECT_EQ(scheduler().ViewModel("erfinv").num_stuck, 1);
  EXPECT_THAT(rig_.observer().lines(), Contains("twin:0 1 in service"));
}

TEST_F(WatchdogTwinTest, GoesOnAnsweringWithTheOtherSlot) {
  Wedge();
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(Send("affine").Await().outputs.ok());
  }
  EXPECT_EQ(NumStalled(), 1U);
  EXPECT_EQ(rig_.slots().service().in_service, 1);
  ExpectEachAnsweredOnce();
}

TEST_F(WatchdogTwinTest, RepairsTheSlotOnceTheWedgedRunHasReturned) {
  Wedge();
  LetGo();
  rig_.observer().Await("twin:0 2 in service");
  EXPECT_EQ(scheduler().ViewModel("erfinv").num_stuck, 0);
  Stall("aten::mul");
  Send("affine");
  Send("affine");
  EXPECT_TRUE(AwaitStalled(2));  // on both slots
  LetGo();
  for (size_t i = 2; i < 4; ++i) {
    EXPECT_TRUE(replies_[i].Await().outputs.ok()) << TextOf(replies_[i]);
  }
  ExpectEachAnsweredOnce();
}

TEST_F(WatchdogTwinTest, LosesTheDeviceWhoseSlotsAreAllStuck) {
  SendWedged();
  SendWedged();
  ASSERT_TRUE(AwaitStalled(2));
  Reply& behind = Send("affine");
  clock_.Advance(kRunTimeMax);
  rig_.observer().Await("twin:0 0 in service, lost");
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(replies_[i].Await().refusal, Refusal::kWatchdog);
  }
  EXPECT_EQ(behind.AwaitCode(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(behind.Await().refusal, Refusal::kDeviceDown);
  Reply& late = Send("affine");
  EXPECT_TRUE(late.IsThere());
  EXPECT_EQ(late.Await().refusal, Refusal::kDeviceDown);
  ExpectEachAnsweredOnce();
}

TEST_F(WatchdogTwinTest, HasTheDeviceBackOnceAllStuckRunsHaveReturned) {
  SendWedged();
  SendWedged();
  ASSERT_TRUE(AwaitStalled(2));
  clock_.Advance(kRunTimeMax);
  rig_.observer().Await("twin:0 0 in service, lost");
  LetGo();
  rig_.observer().Await("twin:0 2 in service");
  EXPECT_TRUE(Send("affine").Await().outputs.ok());
  SendWedged();
  EXPECT_TRUE(replies_.back().Await().outputs.ok());
  ExpectEachAnsweredOnce();
}

}  // namespace
}  // namespace weir
