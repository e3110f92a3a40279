// Clock: the only source of time, and the only way to wait for it.
//
//   MutexLock lock(mutex_);
//   while (!done_) {
//     if (clock_.WaitUntil(changed_, mutex_, deadline)) break;  // too late
//   }
//
// RealClock is monotonic: it never steps, and a deadline is never missed or
// met early because somebody set the date. Tests use SimulatedClock
// (sync/simulated_clock.h), whose time moves only when told to.
//
// Thread-safety: any number of threads.
// Ownership: a clock outlives everything that was given it.
// Failure: none; kNever as a deadline waits for a notification alone.
#ifndef WEIR_SYNC_CLOCK_H_
#define WEIR_SYNC_CLOCK_H_

#include <chrono>

#include "sync/mutex.h"

namespace weir {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

inline constexpr TimePoint kNever = TimePoint::max();

// `base + delay`, or kNever where that is past the end of time.
inline TimePoint SaturatingAdd(TimePoint base, Duration delay) {
  return delay >= kNever - base ? kNever : base + delay;
}

inline double ToSeconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

class Clock {
 public:
  virtual ~Clock() = default;

  virtual TimePoint Now() const = 0;

  // Waits on `condition` until it is notified or `deadline` has come. Returns
  // whether the deadline has come; may return false without a notification.
  virtual bool WaitUntil(CondVar& condition, Mutex& mutex, TimePoint deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) = 0;
};

class RealClock final : public Clock {
 public:
  TimePoint Now() const override { return std::chrono::steady_clock::now(); }

  bool WaitUntil(CondVar& condition, Mutex& mutex, TimePoint deadline) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (deadline == kNever) {
      condition.Wait(mutex);
      return false;
    }
    condition.WaitUntil(mutex, deadline);
    return Now() >= deadline;
  }
};

}  // namespace weir

#endif  // WEIR_SYNC_CLOCK_H_
