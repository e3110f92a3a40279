// Completion: the one road back to whoever sent a request.
//
//   Completion completion(ledger, [call](Answer answer) {
//     call->Reply(std::move(answer));
//   });
//   ...
//   std::move(completion).Finish(Refuse(absl::NotFoundError("..."), ...));
//
// It answers exactly once: Finish consumes it, a second Finish is a failed
// check, and one that is destroyed unanswered answers INTERNAL by itself and is
// counted as a fault of ours. So a request that is dropped anywhere, by any
// path, still gets its answer.
//
// Thread-safety: one owner at a time; Finish may be called on any thread, and
// under no lock.
// Ownership: owns the callback, and through it what the answer needs; shares
// the version, which the answer gets. Once
// Finish has called it, nothing of the completion is touched: the callback may
// free everything, the ledger excepted.
// Failure: none.
#ifndef WEIR_SERVER_PIPELINE_COMPLETION_H_
#define WEIR_SERVER_PIPELINE_COMPLETION_H_

#include <atomic>
#include <cstdint>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "server/pipeline/answer.h"

namespace weir {

// Counts that must agree when the daemon has drained. Counters only: relaxed
// everywhere, for nothing is published through them.
struct AnswerLedger {
  std::atomic<uint64_t> accepted = 0;  // requests that a queue took
  std::atomic<uint64_t> answered = 0;  // of those
  std::atomic<uint64_t> lost = 0;      // answered by a destructor: our fault
};

class Completion {
 public:
  using Done = absl::AnyInvocable<void(Answer) &&>;

  // `ledger` outlives the completion.
  Completion(AnswerLedger& ledger, Done done)
      : ledger_(&ledger), done_(std::move(done)) {}
  Completion(Completion&& other) noexcept
      : ledger_(std::exchange(other.ledger_, nullptr)),
        accepted_(other.accepted_),
        model_(std::move(other.model_)),
        done_(std::move(other.done_)) {}
  Completion& operator=(Completion&&) = delete;
  ~Completion();

  // Whatever becomes of the request, its answer says what it was for.
  void SetModel(ModelHandle model) { model_ = std::move(model); }

  // Answers. REQUIRES: not answered yet.
  void Finish(Answer answer) &&;

  // Counts the request as accepted. REQUIRES: once, before Finish.
  void Accept();

 private:
  AnswerLedger* ledger_;  // null once answered or moved from
  bool accepted_ = false;
  ModelHandle model_;
  Done done_;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_COMPLETION_H_
