// WrongAnswers: counts what went wrong on any number of threads and keeps the
// first.
//
//   WrongAnswers wrong;
//   ...
//   EXPECT_EQ(wrong.count(), 0) << wrong.first();
//
// Thread-safety: any number of threads.
// Ownership: owns what it keeps.
// Failure: none.
#ifndef WEIR_TESTS_SUPPORT_WRONG_ANSWERS_H_
#define WEIR_TESTS_SUPPORT_WRONG_ANSWERS_H_

#include <string>

#include "absl/base/thread_annotations.h"
#include "sync/mutex.h"

namespace weir {

class WrongAnswers {
 public:
  void Add(const std::string& what) {
    MutexLock lock(mutex_);
    if (count_++ == 0) first_ = what;
  }
  int count() const {
    MutexLock lock(mutex_);
    return count_;
  }
  std::string first() const {
    MutexLock lock(mutex_);
    return first_;
  }

 private:
  mutable Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::string first_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_WRONG_ANSWERS_H_
