#include "server/pipeline/run_table.h"

#include <chrono>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace weir {
namespace {

using std::chrono::seconds;

Run RunUntil(TimePoint deadline) {
  Run run;
  run.deadline = deadline;
  return run;
}

// R22
TEST(RunTableTest, NeverNamesTwoRunsAlike) {
  RunTable runs;
  const RunId first = runs.Start({});
  runs.Finish(first);
  const RunId second = runs.Start({});
  EXPECT_NE(first, second);
  EXPECT_NE(first, 0U);
}

TEST(RunTableTest, GivesARunBackAsItWasStarted) {
  RunTable runs;
  weir::Run run;
  run.tickets = {7, 8};
  const RunId id = runs.Start(std::move(run));
  EXPECT_EQ(runs.Finish(id).tickets, (std::vector<Ticket>{7, 8}));
  EXPECT_EQ(runs.size(), 0U);
}

TEST(RunTableTest, TellsTheEarliestDeadlineOfTheUnclaimed) {
  RunTable runs;
  EXPECT_EQ(runs.NextDeadline(), kNever);
  runs.Start(RunUntil(TimePoint(seconds(5))));
  const RunId first = runs.Start(RunUntil(TimePoint(seconds(3))));
  EXPECT_EQ(runs.NextDeadline(), TimePoint(seconds(3)));
  runs.At(first).claimed = true;
  EXPECT_EQ(runs.NextDeadline(), TimePoint(seconds(5)));
}

TEST(RunTableTest, VisitsTheOverdueOnesAtTheirDeadline) {
  RunTable runs;
  runs.Start(RunUntil(TimePoint(seconds(3))));
  runs.Start(RunUntil(TimePoint(seconds(4))));
  int num_visited = 0;
  const auto claim = [&](RunId, weir::Run& run) {
    run.claimed = true;
    ++num_visited;
  };
  runs.ForEachOverdue(TimePoint(seconds(3)) - Duration(1), claim);
  EXPECT_EQ(num_visited, 0);
  runs.ForEachOverdue(TimePoint(seconds(3)), claim);
  runs.ForEachOverdue(TimePoint(seconds(3)), claim);
  EXPECT_EQ(num_visited, 1);
}

TEST(RunTableTest, KeepsAClaimedRunUntilItFinishes) {
  RunTable runs;
  const RunId id = runs.Start({});
  runs.At(id).claimed = true;
  EXPECT_EQ(runs.size(), 1U);
  EXPECT_TRUE(runs.Finish(id).claimed);
}

TEST(RunTableTest, IsAwaitedOnlyWhileARunHasRequestsToAnswer) {
  AnswerLedger ledger;
  RunTable runs;
  runs.Start({});  // upkeep
  EXPECT_FALSE(runs.HasAwaited());
  weir::Run run;
  run.completions.emplace_back(ledger, [](const Answer&) {});
  const RunId id = runs.Start(std::move(run));
  EXPECT_TRUE(runs.HasAwaited());
  runs.Finish(id);
  EXPECT_FALSE(runs.HasAwaited());
}

TEST(RunTableDeathTest, DiesWhenARunFinishesTwice) {
  RunTable runs;
  const RunId id = runs.Start({});
  runs.Finish(id);
  EXPECT_DEATH(runs.Finish(id), "finishes once");
}

}  // namespace
}  // namespace weir
