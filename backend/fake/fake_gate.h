// FakeGate: where a scripted run or load waits until a test lets it go on.
//
//   FakeGate& gate = backend.Gate("hold");  // of scripts with .gate = "hold"
//   gate.AwaitInside(2);  // two runs are in it now, no race
//   gate.Release();       // the one that came first goes on
//   gate.Open();          // all others, and all to come
//
// Thread-safety: any number of threads.
// Ownership: owned by its FakeBackend.
// Failure: a gate that nobody opens holds its runs for ever: a wedged slot.
#ifndef WEIR_BACKEND_FAKE_FAKE_GATE_H_
#define WEIR_BACKEND_FAKE_FAKE_GATE_H_

#include <atomic>
#include <chrono>
#include <list>

#include "absl/base/thread_annotations.h"
#include "sync/clock.h"
#include "sync/mutex.h"

namespace weir {

class FakeGate {
 public:
  // Waits to be let through, in the order of arrival. With a `stop` it looks at
  // that each millisecond of the clock and returns false once it is set.
  bool Pass(Clock& clock, const std::atomic<bool>* stop) {
    MutexLock lock(mutex_);
    if (open_ || permits_ > 0) {
      permits_ -= open_ ? 0 : 1;
      return true;
    }
    const auto self = inside_.insert(inside_.end(), false);
    changed_.NotifyAll();
    while (!*self && !(stop != nullptr && stop->load())) Wait(clock, stop);
    const bool released = *self;
    num_released_ -= released ? 1 : 0;
    inside_.erase(self);
    changed_.NotifyAll();
    return released;
  }

  // Waits until `count` runs wait in the gate.
  void AwaitInside(int count) {
    MutexLock lock(mutex_);
    while (NumInside() < count) changed_.Wait(mutex_);
  }

  // Lets `count` runs through: those that wait, first come first, then those
  // that are still to come.
  void Release(int count = 1) {
    MutexLock lock(mutex_);
    for (auto run = inside_.begin(); run != inside_.end() && count > 0; ++run) {
      if (*run) continue;
      *run = true;
      ++num_released_;
      --count;
    }
    permits_ += count;
    changed_.NotifyAll();
  }

  // Lets everything through, now and later.
  void Open() {
    MutexLock lock(mutex_);
    open_ = true;
    for (bool& run : inside_) {
      num_released_ += run ? 0 : 1;
      run = true;
    }
    changed_.NotifyAll();
  }

  // Holds those that come from now on.
  void Close() {
    MutexLock lock(mutex_);
    open_ = false;
    permits_ = 0;
  }

  int num_inside() const {
    MutexLock lock(mutex_);
    return NumInside();
  }

 private:
  void Wait(Clock& clock, const std::atomic<bool>* stop)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (stop == nullptr) {
      changed_.Wait(mutex_);
    } else {
      clock.WaitUntil(changed_, mutex_,
                      clock.Now() + std::chrono::milliseconds(1));
    }
  }
  int NumInside() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return static_cast<int>(inside_.size()) - num_released_;
  }

  mutable Mutex mutex_;
  CondVar changed_;
  // Those that came, in their order; true: may leave.
  std::list<bool> inside_ ABSL_GUARDED_BY(mutex_);
  int num_released_ ABSL_GUARDED_BY(mutex_) = 0;
  int permits_ ABSL_GUARDED_BY(mutex_) = 0;
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace weir

#endif  // WEIR_BACKEND_FAKE_FAKE_GATE_H_
