// AnswerLog: makes completions and remembers what each of them was told.
//
//   AnswerLog log;
//   Request request(log.MakeCompletion(/*ticket=*/7));
//   ...
//   EXPECT_EQ(log.code(7), absl::StatusCode::kUnavailable);
//
// Thread-safety: none; the tests that use it have one thread.
// Ownership: outlives its completions.
// Failure: an answer that was never given has the code kUnknown.
#ifndef WEIR_TESTS_PIPELINE_ANSWER_LOG_H_
#define WEIR_TESTS_PIPELINE_ANSWER_LOG_H_

#include <map>
#include <string>
#include <utility>

#include "server/pipeline/completion.h"
#include "server/pipeline/request.h"

namespace weir {

class AnswerLog {
 public:
  Completion MakeCompletion(Ticket ticket) {
    return Completion(ledger_, [this, ticket](Answer answer) {
      ++counts_[ticket];
      answers_.insert_or_assign(ticket, std::move(answer));
    });
  }

  // How often the request was answered.
  int count(Ticket ticket) const {
    const auto found = counts_.find(ticket);
    return found == counts_.end() ? 0 : found->second;
  }
  int num_answered() const { return static_cast<int>(answers_.size()); }
  const Answer& At(Ticket ticket) const { return answers_.at(ticket); }
  absl::StatusCode code(Ticket ticket) const {
    return count(ticket) == 0 ? absl::StatusCode::kUnknown
                              : At(ticket).outputs.status().code();
  }
  Refusal refusal(Ticket ticket) const { return At(ticket).refusal; }
  std::string message(Ticket ticket) const {
    return std::string(At(ticket).outputs.status().message());
  }
  AnswerLedger& ledger() { return ledger_; }

 private:
  AnswerLedger ledger_;
  std::map<Ticket, int> counts_;
  std::map<Ticket, Answer> answers_;
};

}  // namespace weir

#endif  // WEIR_TESTS_PIPELINE_ANSWER_LOG_H_
