// SimulatedClock: a clock whose time moves only when a test says so.
//
//   SimulatedClock clock;
//   Worker worker(clock);                // waits until Now() + 5 ms
//   clock.AwaitTimedWaiters(1);          // it is asleep now, no race
//   clock.Advance(std::chrono::milliseconds(5));
//
// Thread-safety: any number of threads may wait, read and advance.
// Ownership: outlives its waiters; their mutexes and condition variables may
// live on their own stacks, for no waiter leaves while Advance is waking it.
// Failure: none.
#ifndef WEIR_SYNC_SIMULATED_CLOCK_H_
#define WEIR_SYNC_SIMULATED_CLOCK_H_

#include <list>
#include <vector>

#include "sync/clock.h"
#include "sync/mutex.h"

namespace weir {

class SimulatedClock final : public Clock {
 public:
  // Starts an hour in, so that a test can look back without going negative.
  SimulatedClock() : now_(TimePoint(std::chrono::hours(1))) {}

  TimePoint Now() const override {
    MutexLock lock(mutex_);
    return now_;
  }

  // Waits as RealClock does, on simulated time.
  //
  // The caller's mutex is given up twice on the way out: once by the wait, and
  // once while a concurrent Advance finishes with this waiter.
  bool WaitUntil(CondVar& condition, Mutex& mutex, TimePoint deadline) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::list<Waiter>::iterator self;
    {
      MutexLock lock(mutex_);
      if (now_ >= deadline) return true;
      self = waiters_.insert(waiters_.end(),
                             {&condition, &mutex, deadline, /*pins=*/0});
      changed_.NotifyAll();
    }
    condition.Wait(mutex);
    mutex.Unlock();
    bool too_late = false;
    {
      MutexLock lock(mutex_);
      while (self->pins > 0) changed_.Wait(mutex_);
      waiters_.erase(self);
      too_late = now_ >= deadline;
    }
    mutex.Lock();
    return too_late;
  }

  void Advance(Duration duration) {
    std::vector<std::list<Waiter>::iterator> due;
    {
      MutexLock lock(mutex_);
      now_ += duration;
      for (auto waiter = waiters_.begin(); waiter != waiters_.end(); ++waiter) {
        if (waiter->deadline > now_) continue;
        ++waiter->pins;
        due.push_back(waiter);
      }
    }
    for (auto waiter : due) Wake(*waiter);
    MutexLock lock(mutex_);
    for (auto waiter : due) --waiter->pins;
    changed_.NotifyAll();
  }

  // Waits until at least `count` threads wait for a time that is not kNever.
  void AwaitTimedWaiters(int count) {
    MutexLock lock(mutex_);
    while (NumTimedWaiters() < count) changed_.Wait(mutex_);
  }

  // The earliest deadline that a thread waits for, or kNever.
  TimePoint NextDeadline() const {
    MutexLock lock(mutex_);
    TimePoint next = kNever;
    for (const Waiter& waiter : waiters_) {
      if (waiter.deadline < next) next = waiter.deadline;
    }
    return next;
  }

 private:
  struct Waiter {
    CondVar* condition;
    Mutex* mutex;
    TimePoint deadline;
    int pins;
  };

  // Taking the waiter's mutex closes the gap between its registration and its
  // wait: it holds that mutex from before the one until inside the other.
  static void Wake(Waiter& waiter) {
    { MutexLock lock(*waiter.mutex); }
    waiter.condition->NotifyAll();
  }

  int NumTimedWaiters() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    int count = 0;
    for (const Waiter& waiter : waiters_) count += waiter.deadline != kNever;
    return count;
  }

  mutable Mutex mutex_{LockRank::kClock};
  CondVar changed_;
  TimePoint now_ ABSL_GUARDED_BY(mutex_);
  std::list<Waiter> waiters_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_SYNC_SIMULATED_CLOCK_H_
