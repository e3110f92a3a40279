#include "sync/clock.h"

#include <atomic>
#include <chrono>
#include <vector>

#include "gtest/gtest.h"
#include "sync/simulated_clock.h"
#include "sync/thread.h"

namespace weir {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(ClockTest, SaturatesInsteadOfWrapping) {
  EXPECT_EQ(SaturatingAdd(kNever, milliseconds(1)), kNever);
  EXPECT_EQ(SaturatingAdd(TimePoint(), Duration::max()), kNever);
  EXPECT_EQ(SaturatingAdd(TimePoint(), milliseconds(1)),
            TimePoint(milliseconds(1)));
}

TEST(RealClockTest, ReportsADeadlineThatHasPassed) {
  RealClock clock;
  Mutex mutex;
  CondVar condition;
  MutexLock lock(mutex);
  EXPECT_TRUE(clock.WaitUntil(condition, mutex, clock.Now() - hours(1)));
}

TEST(RealClockTest, WakesOnNotificationWhenNeverIsTheDeadline) {
  RealClock clock;
  Mutex mutex;
  CondVar condition;
  bool ready = false;
  Thread notifier("notifier", [&] {
    MutexLock lock(mutex);
    ready = true;
    condition.NotifyAll();
  });
  MutexLock lock(mutex);
  while (!ready) EXPECT_FALSE(clock.WaitUntil(condition, mutex, kNever));
}

TEST(SimulatedClockTest, StandsStillUntilAdvanced) {
  SimulatedClock clock;
  const TimePoint start = clock.Now();
  EXPECT_EQ(clock.Now(), start);
  clock.Advance(milliseconds(3));
  EXPECT_EQ(clock.Now(), start + milliseconds(3));
}

// One thread that waits for a simulated deadline and counts when it has come.
class Sleeper {
 public:
  Sleeper(SimulatedClock& clock, TimePoint deadline, std::atomic<int>& woken)
      : thread_("sleeper", [&clock, deadline, &woken] {
          Mutex mutex;
          CondVar condition;
          MutexLock lock(mutex);
          while (!clock.WaitUntil(condition, mutex, deadline)) {
          }
          ++woken;
        }) {}
  void Join() { thread_.Join(); }

 private:
  Thread thread_;
};

TEST(SimulatedClockTest, WakesOnlyThoseThatAreDue) {
  SimulatedClock clock;
  std::atomic<int> early = 0;
  std::atomic<int> late = 0;
  Sleeper first(clock, clock.Now() + milliseconds(1), early);
  Sleeper second(clock, clock.Now() + milliseconds(2), late);
  clock.AwaitTimedWaiters(2);
  EXPECT_EQ(clock.NextDeadline(), clock.Now() + milliseconds(1));
  clock.Advance(milliseconds(1));
  first.Join();
  EXPECT_EQ(early, 1);
  EXPECT_EQ(late, 0);
  clock.Advance(milliseconds(1));
  second.Join();
  EXPECT_EQ(late, 1);
}

TEST(SimulatedClockTest, LosesNoWakeUpWhenAdvancedWhileThreadsArrive) {
  SimulatedClock clock;
  std::atomic<int> woken = 0;
  const TimePoint deadline = clock.Now() + milliseconds(50);
  std::vector<Sleeper> sleepers;
  sleepers.reserve(16);
  for (int i = 0; i < 16; ++i) sleepers.emplace_back(clock, deadline, woken);
  for (int i = 0; i < 50; ++i) clock.Advance(milliseconds(1));
  sleepers.clear();
  EXPECT_EQ(woken, 16);
}

}  // namespace
}  // namespace weir
