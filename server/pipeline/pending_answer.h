// PendingAnswer: an answer that was decided under the scheduler's mutex and is
// sent outside it.
//
//   PendingAnswers answers = scheduler_state.Expire(now);   // locked
//   SendAll(std::move(answers));                            // not locked
//
// Thread-safety: one owner at a time.
// Ownership: owns the completion, and the request where there is one, so that
// neither is destroyed under a lock.
// Failure: one that is dropped is answered by its completion's destructor.
#ifndef WEIR_SERVER_PIPELINE_PENDING_ANSWER_H_
#define WEIR_SERVER_PIPELINE_PENDING_ANSWER_H_

#include <utility>
#include <vector>

#include "server/pipeline/answer.h"
#include "server/pipeline/completion.h"
#include "server/pipeline/request.h"

namespace weir {

class PendingAnswer {
 public:
  PendingAnswer(RequestPtr request, Answer answer)
      : request_(std::move(request)),
        completion_(std::move(request_->completion)),
        answer_(std::move(answer)) {
    answer_.times = request_->times;
  }
  PendingAnswer(Completion completion, Answer answer)
      : completion_(std::move(completion)), answer_(std::move(answer)) {}
  PendingAnswer(PendingAnswer&&) = default;
  PendingAnswer& operator=(PendingAnswer&&) = delete;

  void Send() && { std::move(completion_).Finish(std::move(answer_)); }

 private:
  RequestPtr request_;  // null for one that runs: the run holds it
  Completion completion_;
  Answer answer_;
};

using PendingAnswers = std::vector<PendingAnswer>;

// The answer of a request that is taken out of its queue because its deadline
// passed (Refusal::kExpired) or its client went away (Refusal::kCancelled).
PendingAnswer LeftInQueue(RequestPtr request, Refusal refusal, TimePoint now);

inline void SendAll(PendingAnswers answers) {
  for (PendingAnswer& answer : answers) std::move(answer).Send();
}

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_PENDING_ANSWER_H_
