// OpenCalls: which calls have begun and not ended yet, to the last byte of
// their answers, and a wait for those of before.
//
//   OpenCalls calls;
//   const OpenCalls::Call call(calls);      // as long as the call lasts
//   ...
//   calls.AwaitEarlier(deadline);           // not those that come meanwhile
//
// The deadline is real time, as that of gRPC's Shutdown is, which it is for.
//
// Thread-safety: any number of threads; AwaitEarlier by one.
// Ownership: outlives its calls.
// Failure: none.
#ifndef WEIR_SERVER_RPC_OPEN_CALLS_H_
#define WEIR_SERVER_RPC_OPEN_CALLS_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "absl/base/thread_annotations.h"
#include "sync/mutex.h"

namespace weir {

class OpenCalls {
 public:
  class Call {
   public:
    explicit Call(OpenCalls& calls) : calls_(calls), era_(calls.Begin()) {}
    ~Call() { calls_.End(era_); }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    OpenCalls& calls_;
    const size_t era_;
  };

  // Waits until all have ended that had begun when this was called first.
  // False: the deadline came before.
  bool AwaitEarlier(std::chrono::steady_clock::time_point deadline) {
    MutexLock lock(mutex_);
    era_ = 1;
    while (num_open_[0] > 0 && std::chrono::steady_clock::now() < deadline) {
      ended_.WaitUntil(mutex_, deadline);
    }
    return num_open_[0] == 0;
  }

 private:
  size_t Begin() {
    MutexLock lock(mutex_);
    ++num_open_.at(era_);
    return era_;
  }
  void End(size_t era) {
    MutexLock lock(mutex_);
    if (--num_open_.at(era) == 0) ended_.NotifyAll();
  }

  Mutex mutex_;
  CondVar ended_;
  // 0 before the wait, 1 from then on.
  size_t era_ ABSL_GUARDED_BY(mutex_) = 0;
  std::array<int64_t, 2> num_open_ ABSL_GUARDED_BY(mutex_) = {};
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_OPEN_CALLS_H_
