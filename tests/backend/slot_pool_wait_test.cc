// Waiting for a slot: order, deadlines, wake-ups, and the races between them.
#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "backend/slot_pool.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/simulated_clock.h"
#include "sync/thread.h"
#include "tests/support/counting_clock.h"
#include "tests/support/fake_slots.h"
#include "tests/support/scale.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// A pool all of whose slots are held, and threads that wait for one.
class SlotPoolWaitTest : public testing::Test {
 protected:
  explicit SlotPoolWaitTest(int num_slots = 1)
      : pool_("fake:0", FakeSlots("fake:0", num_slots), clock_, nullptr) {
    for (int i = 0; i < num_slots; ++i) {
      held_.push_back(*pool_.TryAcquire(i));
    }
  }

  // Starts a thread that waits until `deadline`; returns once it is in line.
  // What it gets is told by AwaitCode(), and its lease ends at once.
  void StartWaiter(TimePoint deadline) {
    threads_.emplace_back("waiter", [this, deadline] {
      const absl::StatusCode code = pool_.Acquire(-1, deadline).status().code();
      MutexLock lock(mutex_);
      codes_.push_back(code);
      changed_.NotifyAll();
    });
    clock_.AwaitBegun(static_cast<int>(threads_.size()));
  }
  // The code that the `n`th of the waiters to return got.
  absl::StatusCode AwaitCode(size_t n) {
    MutexLock lock(mutex_);
    while (codes_.size() < n) changed_.Wait(mutex_);
    return codes_[n - 1];
  }

  SimulatedClock simulated_;
  CountingClock clock_{simulated_};
  SlotPool pool_;
  std::vector<SlotLease> held_;
  Mutex mutex_;
  CondVar changed_;
  std::vector<absl::StatusCode> codes_ ABSL_GUARDED_BY(mutex_);
  std::deque<Thread> threads_;
};

class TwoSlotsWaitTest : public SlotPoolWaitTest {
 protected:
  TwoSlotsWaitTest() : SlotPoolWaitTest(2) {}
};

// R02
TEST_F(TwoSlotsWaitTest, EndsAtItsDeadlineWhileAllAreLeased) {
  StartWaiter(simulated_.Now() + milliseconds(5));
  simulated_.Advance(milliseconds(5));
  EXPECT_EQ(AwaitCode(1), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(pool_.Read().num_waiters, 0);
  held_.pop_back();
  EXPECT_TRUE(pool_.Acquire(-1, simulated_.Now()).ok());
}

TEST_F(SlotPoolWaitTest, EndsAtOnceWhenItsDeadlineHasPassed) {
  EXPECT_EQ(
      pool_.Acquire(-1, simulated_.Now() - milliseconds(1)).status().code(),
      absl::StatusCode::kDeadlineExceeded);
}

// R07
TEST_F(SlotPoolWaitTest, WaitsUntilItsDeadlineExactly) {
  int waiter = 0;
  for (const auto wait : {milliseconds(1), milliseconds(5), milliseconds(50),
                          milliseconds(500), milliseconds(10000)}) {
    StartWaiter(simulated_.Now() + wait);
    simulated_.AwaitTimedWaiters(1);
    EXPECT_EQ(simulated_.NextDeadline(), simulated_.Now() + wait);
    simulated_.Advance(wait - nanoseconds(1));
    EXPECT_EQ(pool_.Read().num_waiters, 1) << "not a moment early";
    simulated_.Advance(nanoseconds(1));
    EXPECT_EQ(AwaitCode(static_cast<size_t>(++waiter)),
              absl::StatusCode::kDeadlineExceeded);
  }
}

TEST_F(SlotPoolWaitTest, GetsTheSlotThatIsGivenBack) {
  StartWaiter(kNever);
  held_.clear();
  EXPECT_EQ(AwaitCode(1), absl::StatusCode::kOk);
  EXPECT_EQ(clock_.num_ended(), 1);
}

TEST_F(SlotPoolWaitTest, LetsTheHandOffWinAgainstTheDeadline) {
  clock_.Hold();
  StartWaiter(simulated_.Now() + milliseconds(5));
  simulated_.AwaitTimedWaiters(1);
  simulated_.Advance(milliseconds(5));
  clock_.AwaitEnded(1);  // late, but it has not looked yet
  held_.clear();
  clock_.LetGo();
  EXPECT_EQ(AwaitCode(1), absl::StatusCode::kOk);
}

TEST_F(SlotPoolWaitTest, LosesNoSlotWhenHandOffsRaceDeadlines) {
  for (int round = 1; round <= Scaled(500); ++round) {
    StartWaiter(simulated_.Now() + milliseconds(1));
    Thread timer("timer", [&] { simulated_.Advance(milliseconds(1)); });
    held_.clear();
    timer.Join();
    const absl::StatusCode code = AwaitCode(static_cast<size_t>(round));
    ASSERT_TRUE(code == absl::StatusCode::kOk ||
                code == absl::StatusCode::kDeadlineExceeded);
    threads_.back().Join();
    held_.push_back(*pool_.TryAcquire(-1));
  }
}

TEST_F(SlotPoolWaitTest, EndsEveryWaitWhenClosed) {
  for (int i = 0; i < 8; ++i) {
    StartWaiter(i % 2 == 0 ? kNever : simulated_.Now() + milliseconds(1));
  }
  pool_.Close();
  for (size_t i = 1; i <= 8; ++i) {
    EXPECT_EQ(AwaitCode(i), absl::StatusCode::kCancelled);
  }
  held_.clear();
  EXPECT_EQ(pool_.Read().num_leased, 0);
}

TEST_F(TwoSlotsWaitTest, EndsEveryWaitWhenTheLastSlotGoes) {
  for (int i = 0; i < 4; ++i) StartWaiter(kNever);
  pool_.Report(held_[0], Fault::kSlot);
  EXPECT_EQ(pool_.Read().num_waiters, 4) << "one slot is left to wait for";
  pool_.Report(held_[1].ticket(), Fault::kSlot);
  for (size_t i = 1; i <= 4; ++i) {
    EXPECT_EQ(AwaitCode(i), absl::StatusCode::kUnavailable);
  }
}

TEST_F(SlotPoolWaitTest, LetsADismissedWaiterGoThoughTheSlotIsBack) {
  clock_.Hold();
  StartWaiter(kNever);
  pool_.Report(held_[0], Fault::kDevice);
  clock_.AwaitEnded(1);  // sent away, but it has not looked yet
  held_.clear();
  ASSERT_TRUE(pool_.ReturnToService(*pool_.AcquireRetired()));
  held_.push_back(*pool_.TryAcquire(-1));
  clock_.LetGo();
  EXPECT_EQ(AwaitCode(1), absl::StatusCode::kUnavailable);
  EXPECT_EQ(pool_.Read().num_waiters, 0);
}

TEST_F(TwoSlotsWaitTest, GivesARepairedSlotToTheFirstWaiter) {
  pool_.Report(held_[0], Fault::kSlot);
  held_.erase(held_.begin());
  SlotLease repair = *pool_.AcquireRetired();
  StartWaiter(kNever);
  EXPECT_TRUE(pool_.ReturnToService(std::move(repair)));
  EXPECT_EQ(AwaitCode(1), absl::StatusCode::kOk);
}

TEST_F(SlotPoolWaitTest, LetsNobodyBargeInPastAWaiter) {
  StartWaiter(kNever);
  StartWaiter(kNever);
  EXPECT_EQ(pool_.TryAcquire(0).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(pool_.Acquire(0, simulated_.Now()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  held_.clear();
  EXPECT_EQ(AwaitCode(2), absl::StatusCode::kOk);
}

TEST(SlotPoolWaitDeathTest, DiesWhenThePoolGoesBeforeAWaiterHasLeft) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto drop_pool = [] {
    RealClock real;
    CountingClock clock(real);
    auto pool = std::make_unique<SlotPool>("fake:1", FakeSlots("fake:1", 1),
                                           clock, nullptr);
    SlotLease lease = *pool->TryAcquire(-1);
    SlotPool* const gone = pool.get();
    Thread waiter("waiter",
                  [gone] { gone->Acquire(-1, kNever).IgnoreError(); });
    clock.Hold();
    clock.AwaitBegun(1);
    pool->Close();
    lease.Release({});
    pool.reset();
  };
  EXPECT_DEATH(drop_pool(), "a pool outlives its waiters");
}

// R06
TEST(SlotPoolOrderTest, WakesOneWaiterForEachReleaseInOrderOfArrival) {
  RealClock real;
  CountingClock clock(real);
  SlotPool pool("fake:0", FakeSlots("fake:0", 1), clock, nullptr);
  const int num_waiters = Scaled(500);
  Mutex mutex;
  std::vector<int> order;
  std::deque<Thread> threads;
  SlotLease held = *pool.TryAcquire(-1);
  for (int self = 0; self < num_waiters; ++self) {
    threads.emplace_back("waiter", [&, self] {
      const SlotLease lease = *pool.Acquire(-1, kNever);
      MutexLock lock(mutex);
      order.push_back(self);
    });
    clock.AwaitBegun(self + 1);
  }
  held.Release({});
  threads.clear();
  const int num_releases = num_waiters + 1;
  EXPECT_LE(clock.num_ended(), num_releases + 1);
  EXPECT_EQ(order.size(), static_cast<size_t>(num_waiters));
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

// R07
// A gate on the real clock. The best of a few tries counts: the machine
// may be busy, but a wait that polled would never be on time.
TEST(SlotPoolOvershootGate, EndsSoonAfterItsDeadline) {
  RealClock clock;
  SlotPool pool("fake:0", FakeSlots("fake:0", 1), clock, nullptr);
  const SlotLease held = *pool.TryAcquire(-1);
  for (const auto wait : {milliseconds(1), milliseconds(5), milliseconds(50)}) {
    Duration best = Duration::max();
    for (int attempt = 0; attempt < 20 && best > milliseconds(5); ++attempt) {
      const TimePoint deadline = clock.Now() + wait;
      EXPECT_EQ(pool.Acquire(-1, deadline).status().code(),
                absl::StatusCode::kDeadlineExceeded);
      EXPECT_GE(clock.Now(), deadline);
      best = std::min(best, clock.Now() - deadline);
    }
    EXPECT_LE(best, milliseconds(5)) << wait.count() << " ms";
  }
}

}  // namespace
}  // namespace weir
