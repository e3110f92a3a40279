// Reply: where a test waits for the one answer to a request it sent.
//
//   Reply reply;
//   request = MakeRequest(ledger, reply);
//   ...
//   EXPECT_THAT(Floats(reply.Await().outputs->front().tensor), ...);
//
// Thread-safety: any number of threads.
// Ownership: its destructor waits for the answer, if a request was to bring
// one. Failure: a second answer dies.
#ifndef WEIR_TESTS_SUPPORT_REPLIES_H_
#define WEIR_TESTS_SUPPORT_REPLIES_H_

#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "server/pipeline/answer.h"
#include "server/pipeline/completion.h"
#include "sync/check.h"
#include "sync/mutex.h"

namespace weir {

class Reply {
 public:
  Reply() = default;
  ~Reply() {
    if (is_awaited_) Await();
  }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  Completion MakeCompletion(AnswerLedger& ledger) {
    is_awaited_ = true;
    return Completion(ledger,
                      [this](Answer answer) { Set(std::move(answer)); });
  }

  const Answer& Await() {
    MutexLock lock(mutex_);
    while (!answer_.has_value()) answered_.Wait(mutex_);
    return *answer_;
  }
  absl::StatusCode AwaitCode() { return Await().outputs.status().code(); }
  bool IsThere() {
    MutexLock lock(mutex_);
    return answer_.has_value();
  }

 private:
  void Set(Answer answer) {
    answer.model.reset();  // a reply may outlive the pipeline
    MutexLock lock(mutex_);
    WEIR_CHECK(!answer_.has_value(), "a request is answered once");
    answer_.emplace(std::move(answer));
    answered_.NotifyAll();
  }

  bool is_awaited_ = false;  // of the sending thread

  Mutex mutex_;
  CondVar answered_;
  std::optional<Answer> answer_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_REPLIES_H_
