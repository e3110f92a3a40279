#include "backend/fake/fake_gate.h"

#include <atomic>
#include <vector>

#include "gtest/gtest.h"
#include "sync/simulated_clock.h"
#include "sync/thread.h"

namespace weir {
namespace {

using std::chrono::milliseconds;

// Threads that pass a gate, started one after the other, and the order in
// which they came out.
class Passers {
 public:
  explicit Passers(FakeGate& gate) : gate_(gate) {}

  void Add() {
    const int self = static_cast<int>(threads_.size());
    threads_.emplace_back("passer", [this, self] {
      gate_.Pass(clock_, nullptr);
      MutexLock lock(mutex_);
      out_.push_back(self);
      changed_.NotifyAll();
    });
    gate_.AwaitInside(self + 1);
  }
  std::vector<int> AwaitOut(size_t count) {
    MutexLock lock(mutex_);
    while (out_.size() < count) changed_.Wait(mutex_);
    return out_;
  }

 private:
  FakeGate& gate_;
  SimulatedClock clock_;
  Mutex mutex_;
  CondVar changed_;
  std::vector<int> out_ ABSL_GUARDED_BY(mutex_);
  std::vector<Thread> threads_;
};

TEST(FakeGateTest, ReleasesTheFirstThatCame) {
  FakeGate gate;
  Passers passers(gate);
  for (int i = 0; i < 3; ++i) passers.Add();
  gate.Release();
  EXPECT_EQ(passers.AwaitOut(1), std::vector<int>({0}));
  EXPECT_EQ(gate.num_inside(), 2);
  gate.Release();
  EXPECT_EQ(passers.AwaitOut(2), std::vector<int>({0, 1}));
  gate.Open();
  EXPECT_EQ(passers.AwaitOut(3), std::vector<int>({0, 1, 2}));
}

TEST(FakeGateTest, LetsThroughWhatWasReleasedBeforeItCame) {
  FakeGate gate;
  SimulatedClock clock;
  gate.Release(2);
  EXPECT_TRUE(gate.Pass(clock, nullptr));
  EXPECT_TRUE(gate.Pass(clock, nullptr));
  EXPECT_EQ(gate.num_inside(), 0);
}

TEST(FakeGateTest, HoldsAgainOnceClosed) {
  FakeGate gate;
  SimulatedClock clock;
  gate.Open();
  EXPECT_TRUE(gate.Pass(clock, nullptr));
  gate.Close();
  Passers passers(gate);
  passers.Add();
  EXPECT_EQ(gate.num_inside(), 1);
  gate.Open();
}

TEST(FakeGateTest, GivesUpOnceStopped) {
  FakeGate gate;
  SimulatedClock clock;
  std::atomic<bool> stop = false;
  Thread passer("passer", [&] { EXPECT_FALSE(gate.Pass(clock, &stop)); });
  gate.AwaitInside(1);
  stop = true;
  clock.AwaitTimedWaiters(1);
  clock.Advance(milliseconds(1));
  passer.Join();
  EXPECT_EQ(gate.num_inside(), 0);
}

}  // namespace
}  // namespace weir
