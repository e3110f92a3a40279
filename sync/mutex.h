// Mutex, MutexLock and CondVar: the standard ones, annotated for clang's
// thread-safety analysis, and with a debug check on lock order.
//
//   class Counter {
//    public:
//     void Add() {
//       MutexLock lock(mutex_);
//       ++value_;
//     }
//    private:
//     Mutex mutex_;
//     int value_ ABSL_GUARDED_BY(mutex_) = 0;
//   };
//
// They wrap std::mutex and std::condition_variable because a distribution's
// abseil is not built for ThreadSanitizer, which then sees no ordering through
// absl::Mutex.
//
// Lock order: no component calls another one while it holds its lock, so a
// thread holds at most one component lock. Only a clock's own lock may be taken
// under it. Debug builds check that at each Lock().
//
// Thread-safety: Mutex and CondVar may be used by any number of threads.
// Ownership: a CondVar's waiters all use the same Mutex; both outlive them.
// Failure: a lock taken in the wrong order dies with a message (debug builds).
#ifndef WEIR_SYNC_MUTEX_H_
#define WEIR_SYNC_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "absl/base/thread_annotations.h"
#include "sync/check.h"

namespace weir {

// A thread may lock a mutex only while all those it holds have a lower rank.
enum class LockRank { kComponent = 1, kClock = 2 };

namespace internal {
// The ranks this thread holds, as a bit set.
inline thread_local unsigned held_lock_ranks = 0;
}  // namespace internal

class ABSL_LOCKABLE Mutex {
 public:
  explicit Mutex(LockRank rank = LockRank::kComponent)
      : rank_(1U << static_cast<unsigned>(rank)) {}
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() ABSL_EXCLUSIVE_LOCK_FUNCTION() {
    CheckOrder();
    mutex_.lock();
    NoteHeld();
  }
  void Unlock() ABSL_UNLOCK_FUNCTION() {
    NoteReleased();
    mutex_.unlock();
  }

 private:
  friend class CondVar;

#ifdef NDEBUG
  void CheckOrder() const {}
  void NoteHeld() const {}
  void NoteReleased() const {}
#else
  void CheckOrder() const {
    WEIR_CHECK(internal::held_lock_ranks < rank_,
               "a lock is taken under one of its own or a higher rank");
  }
  void NoteHeld() const { internal::held_lock_ranks |= rank_; }
  void NoteReleased() const { internal::held_lock_ranks &= ~rank_; }
#endif

  const unsigned rank_;
  std::mutex mutex_;
};

// Holds a mutex for a scope.
class ABSL_SCOPED_LOCKABLE MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) ABSL_EXCLUSIVE_LOCK_FUNCTION(mutex)
      : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() ABSL_UNLOCK_FUNCTION() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class CondVar {
 public:
  CondVar() = default;
  CondVar(const CondVar&) = delete;
  CondVar& operator=(const CondVar&) = delete;

  // Waits for a notification. May return without one: wait in a predicate loop.
  void Wait(Mutex& mutex) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }

  // The same, until `deadline` at the latest. Code that is tested waits through
  // Clock::WaitUntil instead, which a test can drive.
  void WaitUntil(Mutex& mutex, std::chrono::steady_clock::time_point deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_until(lock, deadline);
    lock.release();
  }

  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace weir

#endif  // WEIR_SYNC_MUTEX_H_
