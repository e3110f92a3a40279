// A model that writes to itself beside one that does not, on four slots: what
// the one may not do is none of the other's business.
#include <cstdint>
#include <thread>

#include "gtest/gtest.h"
#include "tests/torch/twin_pipeline.h"

namespace weir {
namespace {

constexpr int kNumSlots = 4;
constexpr int kNumSerial = 8;

class SerialTwinTest : public TwinPipelineTest {
 protected:
  SerialTwinTest()
      : TwinPipelineTest(kNumSlots),
        serial_(Load("counter")),
        other_(Load("erfinv")) {}

  // Requests of the serial model, the first of which is inside its operator.
  void SendSerial() {
    Stall("aten::add");  // of "counter"
    for (int i = 0; i < kNumSerial; ++i) Send("counter");
    ASSERT_TRUE(AwaitStalled(1));
  }
  // The other workers have looked for work and have found none, or one more run
  // has come inside.
  void AwaitOthersIdle() {
    while (scheduler().ViewDevice(0).num_idle < kNumSlots - 1 &&
           NumStalled() < 2) {
      std::this_thread::yield();
    }
  }
  static int64_t CountOf(Reply& reply) {
    if (!reply.Await().outputs.ok()) return -1;
    return ValuesOf<int64_t>(reply.Await().outputs->front().tensor)[0];
  }

  const ModelSignature serial_;
  const ModelSignature other_;
};

// R41: each model says for itself whether its runs exclude each other.
TEST_F(SerialTwinTest, DeclaresTheModelThatWritesToItselfAlone) {
  EXPECT_EQ(serial_.runs_max, 1);
  EXPECT_EQ(other_.runs_max, 0);
}

// R41: never two runs of the serial one, however many slots are free.
TEST_F(SerialTwinTest, HasOneRunOfTheSerialModelAtATime) {
  SendSerial();
  for (int i = 0; i < kNumSerial; ++i) {
    ASSERT_TRUE(AwaitStalled(1));
    AwaitOthersIdle();
    ASSERT_EQ(NumStalled(), 1U);
    EXPECT_EQ(scheduler().ViewModel("counter").num_running, 1);
    EXPECT_EQ(scheduler().ViewModel("counter").num_queued, kNumSerial - 1 - i);
    Step();
    EXPECT_EQ(CountOf(replies_[static_cast<size_t>(i)]), i + 1);
  }
  ExpectEachAnsweredOnce();
}

// R41: the other one has all the slots that are left, at once.
TEST_F(SerialTwinTest, FillsTheOtherSlotsWithTheOtherModelsRuns) {
  SendSerial();
  Stall("aten::erfinv");
  for (int i = 0; i < 2 * kNumSlots; ++i) Send("erfinv");
  EXPECT_TRUE(AwaitStalled(kNumSlots));
  EXPECT_EQ(scheduler().ViewModel("counter").num_running, 1);
  EXPECT_EQ(scheduler().ViewModel("erfinv").num_running, kNumSlots - 1);
  LetGo();
  for (Reply& reply : replies_) EXPECT_TRUE(reply.Await().outputs.ok());
  ExpectEachAnsweredOnce();
}

// R41: a serial model that runs nothing takes nothing.
TEST_F(SerialTwinTest, FillsAllSlotsWithTheOtherModelsRunsWhereItIsAlone) {
  Stall("aten::erfinv");
  for (int i = 0; i < 2 * kNumSlots; ++i) Send("erfinv");
  EXPECT_TRUE(AwaitStalled(kNumSlots));
  EXPECT_EQ(scheduler().ViewModel("erfinv").num_running, kNumSlots);
  LetGo();
  for (Reply& reply : replies_) EXPECT_TRUE(reply.Await().outputs.ok());
  ExpectEachAnsweredOnce();
}

// R41: the other one's requests are answered while the serial one's wait.
TEST_F(SerialTwinTest, AnswersTheOtherModelWhileTheSerialOneHangs) {
  SendSerial();
  for (int i = 0; i < 5 * kNumSlots; ++i) Send("erfinv");
  for (size_t i = kNumSerial; i < replies_.size(); ++i) {
    EXPECT_TRUE(replies_[i].Await().outputs.ok());
  }
  for (size_t i = 0; i < kNumSerial; ++i) EXPECT_FALSE(replies_[i].IsThere());
  LetGo();
  ExpectEachAnsweredOnce();
}

}  // namespace
}  // namespace weir
