// CountingClock: counts the waits that begin and end on another clock, so that
// a test knows when a thread waits, and how many were woken. It can hold those
// that were woken, to decide races.
//
//   CountingClock clock(real_clock);
//   Thread waiter("waiter", [&] { pool.Acquire(-1, kNever); });
//   clock.AwaitBegun(1);           // it is in line: the pool's lock saw to it
//   ...
//   EXPECT_LE(clock.num_ended(), num_releases);
//
//   clock.Hold();                  // a thread whose wait ends stays in the
//   clock, simulated.Advance(wait);       // its mutex given up,
//   clock.AwaitEnded(1);
//   lease.Release({});             // so this comes between its time-out
//   clock.LetGo();                 // and its next look at things
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
    mutex.Unlock();
    {
      MutexLock lock(mutex_);
      ++ended_;
      changed_.NotifyAll();
      while (held_) changed_.Wait(mutex_);
    }
    mutex.Lock();
    return late;
  }

  // Waits until `count` waits have begun since the clock was made.
  void AwaitBegun(int count) {
    MutexLock lock(mutex_);
    while (begun_ < count) changed_.Wait(mutex_);
  }
  // Waits until `count` waits have ended, held ones too.
  void AwaitEnded(int count) {
    MutexLock lock(mutex_);
    while (ended_ < count) changed_.Wait(mutex_);
  }
  void Hold() {
    MutexLock lock(mutex_);
    held_ = true;
  }
  void LetGo() {
    MutexLock lock(mutex_);
    held_ = false;
    changed_.NotifyAll();
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
  bool held_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_COUNTING_CLOCK_H_
