// SchedulerState's queues: who gets in, and who leaves without a run.
#include <chrono>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/pipeline/scheduler_stage.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Tickets = std::vector<Ticket>;

constexpr DeviceIndex kCpu = 0;

// One slot, one worker, one version "m" with the given bounds.
class SchedulerQueueTest : public ::testing::Test {
 protected:
  explicit SchedulerQueueTest(int total_requests_max = 1000)
      : stage_(total_requests_max) {
    stage_.AddDevice(1, 1);
  }
  void AddVersion(VersionSpec spec) {
    spec.id = 1;
    spec.model = "m";
    spec.devices = {kCpu};
    stage_.AddVersion(spec);
  }
  bool IsQueued(Ticket ticket) const { return stage_.log.count(ticket) == 0; }

  SchedulerStage stage_;
};

// R52
TEST_F(SchedulerQueueTest, TakesAsManyRequestsAsTheModelMayQueue) {
  AddVersion({.requests_max = 3});
  for (int i = 0; i < 2; ++i) stage_.Submit({});
  EXPECT_TRUE(IsQueued(stage_.Submit({})));
  const Ticket refused = stage_.Submit({});
  EXPECT_EQ(stage_.log.code(refused), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(stage_.log.refusal(refused), Refusal::kModelRequests);
  EXPECT_EQ(stage_.log.message(refused),
            "queue full (3 of 3), retry after 10 ms");
  EXPECT_EQ(stage_.log.At(refused).retry_after, milliseconds(10));
  for (int i = 0; i < 2; ++i) stage_.Submit({});
  EXPECT_EQ(stage_.state.num_queued(), 3);
  EXPECT_EQ(stage_.log.num_answered(), 3);
}

TEST_F(SchedulerQueueTest, HasRoomAgainWhenARunWasTaken) {
  AddVersion({.requests_max = 1});
  stage_.Submit({});
  stage_.Take(0);
  EXPECT_TRUE(IsQueued(stage_.Submit({})));
}

TEST_F(SchedulerQueueTest, TakesAsManyBytesAsTheModelMayQueue) {
  AddVersion({.bytes_max = 100});
  stage_.Submit({.bytes = 99});
  EXPECT_TRUE(IsQueued(stage_.Submit({.bytes = 1})));
  const Ticket refused = stage_.Submit({.bytes = 1});
  EXPECT_EQ(stage_.log.refusal(refused), Refusal::kModelBytes);
  EXPECT_EQ(stage_.log.message(refused),
            "queue bytes full (100 of 100), retry after 10 ms");
  EXPECT_TRUE(IsQueued(stage_.Submit({.bytes = 0})));
}

TEST_F(SchedulerQueueTest, TellsARequestThatNeverFitsNotToComeBack) {
  AddVersion({.bytes_max = 100});
  const Ticket refused = stage_.Submit({.bytes = 101});
  EXPECT_EQ(stage_.log.code(refused), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(stage_.log.message(refused),
            "request larger than its queue (101 of 100 bytes)");
  EXPECT_EQ(stage_.log.At(refused).retry_after, std::nullopt);
}

class TotalBoundTest : public SchedulerQueueTest {
 protected:
  TotalBoundTest() : SchedulerQueueTest(/*total_requests_max=*/2) {}
};

TEST_F(TotalBoundTest, TakesAsManyRequestsAsTheServerMayQueue) {
  AddVersion({});
  stage_.AddVersion({.id = 2, .model = "other", .devices = {kCpu}});
  stage_.Submit({.version = 1});
  EXPECT_TRUE(IsQueued(stage_.Submit({.version = 2})));
  const Ticket refused = stage_.Submit({.version = 2});
  EXPECT_EQ(stage_.log.refusal(refused), Refusal::kTotalRequests);
  EXPECT_EQ(stage_.log.message(refused),
            "server queue full (2 of 2), retry after 10 ms");
}

TEST_F(SchedulerQueueTest, TellsToComeBackWhenHalfOfItWillHaveRun) {
  AddVersion({.batch = {.rows_max = 2}, .requests_max = 8});
  for (int i = 0; i < 2; ++i) stage_.Submit({});
  stage_.RunOne(0, seconds(1));
  for (int i = 0; i < 9; ++i) stage_.Submit({});
  EXPECT_EQ(stage_.log.At(stage_.last_ticket).retry_after, seconds(2));
}

TEST_F(SchedulerQueueTest, NeverTellsToComeBackLaterThanTenSeconds) {
  AddVersion({.requests_max = 8});
  stage_.Submit({});
  stage_.RunOne(0, seconds(50));
  for (int i = 0; i < 9; ++i) stage_.Submit({});
  EXPECT_EQ(stage_.log.At(stage_.last_ticket).retry_after, seconds(10));
}

TEST_F(SchedulerQueueTest, RefusesOneWhoseDeadlineHasCome) {
  AddVersion({});
  const Ticket late = stage_.Submit({.deadline = Duration(0)});
  EXPECT_EQ(stage_.log.code(late), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(stage_.log.refusal(late), Refusal::kExpired);
  EXPECT_TRUE(IsQueued(stage_.Submit({.deadline = Duration(1)})));
}

TEST_F(SchedulerQueueTest, LeavesARefusedRequestWithItsCaller) {
  AddVersion({.requests_max = 1});
  stage_.Submit({});
  RequestPtr request = stage_.MakeRequest({});
  EXPECT_TRUE(stage_.state.Submit(request, 1, stage_.now).has_value());
  EXPECT_NE(request, nullptr);
  EXPECT_EQ(stage_.log.ledger().accepted, 1U);
}

TEST_F(SchedulerQueueTest, ExpiresARequestAtItsDeadline) {
  AddVersion({});
  const Ticket ticket = stage_.Submit({.deadline = milliseconds(5)});
  EXPECT_EQ(stage_.state.NextTimedChange(), stage_.now + milliseconds(5));
  stage_.Advance(milliseconds(5) - Duration(1));
  stage_.Expire();
  EXPECT_TRUE(IsQueued(ticket));
  stage_.Advance(Duration(1));
  stage_.Expire();
  EXPECT_EQ(stage_.log.code(ticket), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(stage_.state.NextTimedChange(), kNever);
}

TEST_F(SchedulerQueueTest, ExpiresAParkedRequest) {
  AddVersion({});
  stage_.Submit({.exclusive_key = "k"});
  const Ticket parked =
      stage_.Submit({.deadline = milliseconds(5), .exclusive_key = "k"});
  stage_.Advance(milliseconds(5));
  stage_.Expire();
  EXPECT_EQ(stage_.log.refusal(parked), Refusal::kExpired);
  EXPECT_EQ(stage_.state.num_queued(), 1);
}

TEST_F(SchedulerQueueTest, FreesItsShareOfTheBoundsWhenItExpires) {
  AddVersion({.requests_max = 1, .bytes_max = 10});
  stage_.Submit({.deadline = milliseconds(5), .bytes = 10});
  stage_.Advance(milliseconds(5));
  stage_.Expire();
  EXPECT_TRUE(IsQueued(stage_.Submit({.bytes = 10})));
}

TEST_F(SchedulerQueueTest, LeavesARunningRequestAloneAtItsDeadline) {
  AddVersion({});
  const Ticket ticket = stage_.Submit({.deadline = milliseconds(5)});
  const TakenBatch batch = stage_.Take(0);
  stage_.Advance(milliseconds(5));
  stage_.Expire();
  EXPECT_TRUE(IsQueued(ticket));
  stage_.Finish(batch);
  EXPECT_EQ(stage_.log.code(ticket), absl::StatusCode::kOk);
}

TEST_F(SchedulerQueueTest, CancelsAQueuedRequest) {
  AddVersion({.requests_max = 1});
  const Ticket ticket = stage_.Submit({.deadline = seconds(1)});
  stage_.Cancel(ticket);
  EXPECT_EQ(stage_.log.code(ticket), absl::StatusCode::kCancelled);
  EXPECT_EQ(stage_.log.refusal(ticket), Refusal::kCancelled);
  EXPECT_EQ(stage_.state.NextTimedChange(), kNever);
  EXPECT_TRUE(IsQueued(stage_.Submit({})));
}

TEST_F(SchedulerQueueTest, CancelsAParkedRequest) {
  AddVersion({});
  stage_.Submit({.exclusive_key = "k"});
  const Ticket parked = stage_.Submit({.exclusive_key = "k"});
  stage_.Cancel(parked);
  EXPECT_EQ(stage_.log.refusal(parked), Refusal::kCancelled);
  stage_.RunOne(0);
  EXPECT_FALSE(stage_.Seek(0));
}

TEST_F(SchedulerQueueTest, PromotesTheNextWhenAnExclusiveOneIsCancelled) {
  AddVersion({});
  const Ticket first = stage_.Submit({.exclusive_key = "k"});
  const Ticket second = stage_.Submit({.exclusive_key = "k"});
  stage_.Cancel(first);
  EXPECT_EQ(stage_.RunOne(0), Tickets{second});
}

// R23
TEST_F(SchedulerQueueTest, IgnoresACancelForATicketItDoesNotKnow) {
  AddVersion({});
  const Ticket ticket = stage_.Submit({});
  stage_.RunOne(0);
  stage_.Cancel(ticket);
  stage_.Cancel(12345);
  EXPECT_EQ(stage_.log.count(ticket), 1);
  EXPECT_TRUE(stage_.state.IsDrained());
}

TEST_F(SchedulerQueueTest, TellsARunToStopWhenAllOfItAreCancelled) {
  AddVersion({.batch = {.rows_max = 2}});
  const Ticket first = stage_.Submit({});
  const Ticket second = stage_.Submit({});
  const TakenBatch batch = stage_.Take(0);
  stage_.Cancel(first);
  stage_.Cancel(first);
  EXPECT_FALSE(batch.stop->load());
  stage_.Cancel(second);
  EXPECT_TRUE(batch.stop->load());
  stage_.Finish(batch);
  EXPECT_EQ(stage_.log.count(first), 1);
}

TEST_F(SchedulerQueueTest, RefusesAllWhileItDrains) {
  AddVersion({});
  stage_.state.StartDraining(stage_.now);
  const Ticket refused = stage_.Submit({});
  EXPECT_EQ(stage_.log.code(refused), absl::StatusCode::kUnavailable);
  EXPECT_EQ(stage_.log.refusal(refused), Refusal::kDraining);
}

TEST_F(SchedulerQueueTest, EndsDelaysWhenItDrains) {
  AddVersion({.batch = {.rows_max = 2, .delay_max = seconds(1)}});
  stage_.Submit({});
  EXPECT_FALSE(stage_.Seek(0));
  stage_.state.StartDraining(stage_.now);
  EXPECT_EQ(stage_.state.TakeWakes(), std::vector<WorkerId>{0});
  EXPECT_FALSE(stage_.state.IsDrained());
  stage_.RunOne(0);
  EXPECT_TRUE(stage_.state.IsDrained());
}

TEST_F(SchedulerQueueTest, TakesAllOutAndSendsWorkersHomeWhenClosed) {
  AddVersion({});
  stage_.Seek(0);
  stage_.state.TakeWakes();
  const Ticket queued = stage_.Submit({.exclusive_key = "k"});
  const Ticket parked = stage_.Submit({.exclusive_key = "k"});
  const TakenBatch running = stage_.Take(0);
  stage_.Close();
  EXPECT_EQ(stage_.log.refusal(parked), Refusal::kDraining);
  EXPECT_FALSE(stage_.Seek(0));
  EXPECT_TRUE(stage_.Finish(running));
  EXPECT_EQ(stage_.log.code(queued), absl::StatusCode::kOk);
  EXPECT_EQ(stage_.Submit({}), 3U);
  EXPECT_EQ(stage_.log.refusal(3), Refusal::kDraining);
}

TEST_F(SchedulerQueueTest, WakesTheIdleWhenClosed) {
  AddVersion({});
  EXPECT_FALSE(stage_.Seek(0));
  stage_.Close();
  EXPECT_EQ(stage_.state.TakeWakes(), std::vector<WorkerId>{0});
  EXPECT_FALSE(stage_.state.IsSeeking(0));
}

}  // namespace
}  // namespace weir
