// SelfTestCrew: threads that do something at the same time, again and again.
//
//   SelfTestCrew crew(4);
//   crew.RunTogether([&](int member) { answers[member] = Run(member); });
//
// Thread-safety: RunTogether by one thread at a time.
// Ownership: joins its threads when it goes.
// Failure: none; work that never returns holds RunTogether up for ever.
#ifndef WEIR_BACKEND_SELF_TEST_CREW_H_
#define WEIR_BACKEND_SELF_TEST_CREW_H_

#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "sync/mutex.h"
#include "sync/thread.h"

namespace weir {

class SelfTestCrew {
 public:
  using Work = absl::FunctionRef<void(int member)>;

  explicit SelfTestCrew(int num_members) : num_members_(num_members) {
    for (int member = 0; member < num_members; ++member) {
      threads_.emplace_back("weir-test-" + std::to_string(member),
                            [this, member] { Serve(member); });
    }
  }
  ~SelfTestCrew() {
    MutexLock lock(mutex_);
    closed_ = true;
    changed_.NotifyAll();
  }
  SelfTestCrew(const SelfTestCrew&) = delete;
  SelfTestCrew& operator=(const SelfTestCrew&) = delete;

  // Calls `work` once on each thread and returns when all calls have.
  void RunTogether(Work work) {
    MutexLock lock(mutex_);
    work_ = &work;
    ++round_;
    num_working_ = num_members_;
    changed_.NotifyAll();
    while (num_working_ > 0) changed_.Wait(mutex_);
    work_ = nullptr;
  }

 private:
  // The work of the round after `round`, or null once closed.
  const Work* AwaitWork(int& round) {
    MutexLock lock(mutex_);
    while (round_ == round && !closed_) changed_.Wait(mutex_);
    if (closed_) return nullptr;
    round = round_;
    return work_;
  }
  void Serve(int member) {
    int round = 0;
    while (const Work* work = AwaitWork(round)) {
      (*work)(member);
      MutexLock lock(mutex_);
      if (--num_working_ == 0) changed_.NotifyAll();
    }
  }

  const int num_members_;
  Mutex mutex_;
  CondVar changed_;
  const Work* work_ ABSL_GUARDED_BY(mutex_) = nullptr;
  int round_ ABSL_GUARDED_BY(mutex_) = 0;
  int num_working_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Thread> threads_;  // last: they use all above
};

}  // namespace weir

#endif  // WEIR_BACKEND_SELF_TEST_CREW_H_
