#include "server/pipeline/completion.h"

#include <memory>
#include <optional>
#include <utility>

#include "gtest/gtest.h"
#include "server/pipeline/pending_answer.h"
#include "tests/pipeline/answer_log.h"

namespace weir {
namespace {

Answer Refused() {
  return Refuse(absl::NotFoundError("no such model"), Refusal::kUnknownModel);
}

TEST(CompletionTest, GivesTheAnswerOnceWhenFinished) {
  AnswerLog log;
  Completion completion = log.MakeCompletion(1);
  std::move(completion).Finish(Refused());
  EXPECT_EQ(log.count(1), 1);
  EXPECT_EQ(log.refusal(1), Refusal::kUnknownModel);
  EXPECT_EQ(log.ledger().lost, 0U);
}

TEST(CompletionTest, AnswersInternalAndCountsWhenDropped) {
  AnswerLog log;
  { const Completion completion = log.MakeCompletion(1); }
  EXPECT_EQ(log.code(1), absl::StatusCode::kInternal);
  EXPECT_EQ(log.ledger().lost, 1U);
}

TEST(CompletionTest, AnswersOnceWhenMovedFrom) {
  AnswerLog log;
  {
    Completion first = log.MakeCompletion(1);
    Completion second = std::move(first);
    std::move(second).Finish(Refused());
  }
  EXPECT_EQ(log.count(1), 1);
  EXPECT_EQ(log.ledger().lost, 0U);
}

TEST(CompletionTest, CountsTheAnsweredAmongTheAcceptedAlone) {
  AnswerLog log;
  Completion accepted = log.MakeCompletion(1);
  accepted.Accept();
  std::move(accepted).Finish(Refused());
  log.MakeCompletion(2).Finish(Refused());
  EXPECT_EQ(log.ledger().accepted, 1U);
  EXPECT_EQ(log.ledger().answered, 1U);
}

TEST(CompletionTest, KeepsItsAcceptanceWhenMoved) {
  AnswerLog log;
  Completion first = log.MakeCompletion(1);
  first.Accept();
  Completion second = std::move(first);
  std::move(second).Finish(Refused());
  EXPECT_EQ(log.ledger().answered, 1U);
}

TEST(CompletionTest, MayBeFreedByItsOwnAnswer) {
  AnswerLedger ledger;
  std::optional<Completion> completion;
  auto call = std::make_unique<int>(0);
  completion.emplace(ledger, [&, owned = std::move(call)](const Answer&) {
    completion.reset();
  });
  std::move(*completion).Finish(Refused());
  EXPECT_FALSE(completion.has_value());
  EXPECT_EQ(ledger.lost, 0U);
}

TEST(CompletionDeathTest, DiesWhenAnsweredTwice) {
  AnswerLog log;
  Completion completion = log.MakeCompletion(1);
  Completion& alias = completion;
  std::move(completion).Finish(Refused());
  EXPECT_DEATH(std::move(alias).Finish(Refused()), "answered once");
}

TEST(CompletionDeathTest, DiesWhenAcceptedTwice) {
  AnswerLog log;
  Completion completion = log.MakeCompletion(1);
  completion.Accept();
  EXPECT_DEATH(completion.Accept(), "accepted once");
}

TEST(PendingAnswerTest, AnswersInternalWhenDropped) {
  AnswerLog log;
  { const PendingAnswer answer(log.MakeCompletion(1), Refused()); }
  EXPECT_EQ(log.code(1), absl::StatusCode::kInternal);
  EXPECT_EQ(log.ledger().lost, 1U);
}

TEST(PendingAnswerTest, TellsTheTimesOfItsRequest) {
  AnswerLog log;
  auto request = std::make_unique<Request>(log.MakeCompletion(1));
  request->times.queue = std::chrono::milliseconds(3);
  PendingAnswer answer(std::move(request), Refused());
  std::move(answer).Send();
  EXPECT_EQ(log.At(1).times.queue, std::chrono::milliseconds(3));
}

TEST(AnswerTest, NamesEachRefusal) {
  EXPECT_EQ(Name(Refusal::kNone), "none");
  EXPECT_EQ(Name(Refusal::kExpired), "expired");
  EXPECT_EQ(Name(Refusal::kWatchdog), "watchdog");
}

}  // namespace
}  // namespace weir
