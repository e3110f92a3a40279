#include "server/pipeline/completion.h"

#include "sync/check.h"

namespace weir {

Completion::~Completion() {
  if (ledger_ == nullptr) return;
  ledger_->lost.fetch_add(1, std::memory_order_relaxed);
  std::move(*this).Finish(
      Refuse(absl::InternalError("the request was dropped"), Refusal::kNone));
}

void Completion::Finish(Answer answer) && {
  WEIR_CHECK(ledger_ != nullptr, "a request is answered once");
  AnswerLedger* ledger = std::exchange(ledger_, nullptr);
  if (accepted_) ledger->answered.fetch_add(1, std::memory_order_relaxed);
  Done done = std::move(done_);
  answer.model = std::move(model_);
  std::move(done)(std::move(answer));
}

void Completion::Accept() {
  WEIR_CHECK(ledger_ != nullptr && !accepted_, "a request is accepted once");
  accepted_ = true;
  ledger_->accepted.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace weir
