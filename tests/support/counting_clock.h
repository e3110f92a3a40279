// CountingClock: counts the waits that begin and end on another clock, so that
// a test knows when a thread waits, and how many were woken.
//
//   CountingClock clock(real_clock);
//   Thread waiter("waiter", [&] { pool.Acquire(-1, kNever); });
//   clock.AwaitBegun(1);           // it is in line: the pool's lock saw to it
//   ...
//   EXPECT_LE(clock.num_ended(), num_releases);
//
// A wait is begun under the waiter's own mutex, so whoever takes that mutex
// after AwaitBegun finds the waiter waiting.
//
// Thread-safety: any number of threads.
// Ownership: borrows the clock that it counts for.
// Failure: none.
#ifndef WEIR_TESTS_SUPPORT_COUNTING_CLOCK_H_
#define WEIR_TESTS_SUPPORT_COUNTING_CLOCK_H_

#include "sync/clock.h"
#include "sync/mutex.h"

namespace weir {

class CountingClock final : public Clock {
 public:
  explicit CountingClock(Clock& base) : base_(base) {}

  TimePoint Now() const override { return base_.Now(); }

  bool WaitUntil(CondVar& condition, Mutex& mutex, TimePoint deadline) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    {
      MutexLock lock(mutex_);
      ++begun_;
      changed_.NotifyAll();
    }
    const bool late = base_.WaitUntil(condition, mutex, deadline);
    MutexLock lock(mutex_);
    ++ended_;
    return late;
  }

  // Waits until `count` waits have begun since the clock was made.
  void AwaitBegun(int count) {
    MutexLock lock(mutex_);
    while (begun_ < count) changed_.Wait(mutex_);
  }
  int num_ended() const {
    MutexLock lock(mutex_);
    return ended_;
  }

 private:
  Clock& base_;
  mutable Mutex mutex_{LockRank::kClock};
  CondVar changed_;
  int begun_ ABSL_GUARDED_BY(mutex_) = 0;
  int ended_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_COUNTING_CLOCK_H_
