#include "server/pipeline/request_queue.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/pipeline/answer_log.h"

namespace weir {
namespace {

using std::chrono::milliseconds;

// What a test says of a queued request.
struct Waiting {
  Ticket ticket = 0;
  std::string key = {};
  int64_t rows = 1;
  int priority = kPriorityDefault;
  TimePoint deadline = kNever;
  std::string exclusive_key = {};
};

class RequestQueueTest : public ::testing::Test {
 protected:
  static constexpr TimePoint kStart{std::chrono::hours(1)};

  QueuePlace Add(RequestQueue& queue, const Waiting& waiting,
                 TimePoint arrived = kStart) {
    auto request =
        std::make_unique<Request>(log_.MakeCompletion(waiting.ticket));
    request->ticket = waiting.ticket;
    request->batch_key = waiting.key;
    request->rows = waiting.rows;
    request->bytes = 10;
    request->priority = waiting.priority;
    request->deadline = waiting.deadline;
    request->exclusive_key = waiting.exclusive_key;
    request->arrived = arrived;
    return queue.Add(std::move(request), ++last_arrival_);
  }
  static std::vector<Ticket> TicketsOf(const std::vector<RequestPtr>& some) {
    std::vector<Ticket> tickets;
    for (const RequestPtr& request : some) tickets.push_back(request->ticket);
    return tickets;
  }
  static std::vector<Ticket> Take(RequestQueue& queue, TimePoint now = kStart) {
    return TicketsOf(queue.Take(now).batch);
  }
  using Tickets = std::vector<Ticket>;

  AnswerLog log_;
  uint64_t last_arrival_ = 0;
};

TEST_F(RequestQueueTest, RunsEachAloneWithoutABatchPolicy) {
  RequestQueue queue(BatchPolicy{});
  Add(queue, {1});
  Add(queue, {2});
  EXPECT_EQ(Take(queue), Tickets{1});
  EXPECT_EQ(Take(queue), Tickets{2});
  EXPECT_EQ(Take(queue), Tickets{});
}

TEST_F(RequestQueueTest, FillsABatchUpToItsRows) {
  RequestQueue queue({.rows_max = 3});
  for (Ticket ticket = 1; ticket <= 4; ++ticket) Add(queue, {ticket});
  EXPECT_EQ(Take(queue), (Tickets{1, 2, 3}));
  EXPECT_EQ(queue.size(), 1U);
}

TEST_F(RequestQueueTest, ClosesABatchAtTheFirstThatDoesNotFit) {
  RequestQueue queue({.rows_max = 4});
  Add(queue, {1, "a", 2});
  Add(queue, {2, "a", 3});
  Add(queue, {3, "a", 1});
  EXPECT_EQ(Take(queue), Tickets{1});
  EXPECT_EQ(Take(queue), (Tickets{2, 3}));
}

TEST_F(RequestQueueTest, CountsARequestWithoutRowsAsAPlace) {
  RequestQueue queue({.rows_max = 2, .delay_max = milliseconds(5)});
  for (Ticket ticket = 1; ticket <= 3; ++ticket) Add(queue, {ticket, "a", 0});
  EXPECT_TRUE(queue.Ready(kStart));
  EXPECT_EQ(Take(queue), (Tickets{1, 2}));
}

TEST_F(RequestQueueTest, LooksAheadForTheSameKey) {
  RequestQueue queue({.rows_max = 2});
  Add(queue, {1, "a"});
  Add(queue, {2, "b"});
  Add(queue, {3, "a"});
  EXPECT_EQ(Take(queue), (Tickets{1, 3}));
  EXPECT_EQ(Take(queue), Tickets{2});
}

TEST_F(RequestQueueTest, LooksPastAsManyAsItMay) {
  RequestQueue queue({.rows_max = 8, .look_ahead_max = 2});
  for (const auto& [ticket, key] : std::vector<std::pair<Ticket, std::string>>{
           {1, "a"}, {2, "b"}, {3, "b"}, {4, "a"}, {5, "b"}, {6, "a"}}) {
    Add(queue, {ticket, key});
  }
  EXPECT_EQ(Take(queue), (Tickets{1, 4}));
}

TEST_F(RequestQueueTest, LooksPastNoneWhenItMayNot) {
  RequestQueue queue({.rows_max = 8, .look_ahead_max = 0});
  Add(queue, {1, "a"});
  Add(queue, {2, "a"});
  Add(queue, {3, "b"});
  Add(queue, {4, "a"});
  EXPECT_EQ(Take(queue), (Tickets{1, 2}));
}

TEST_F(RequestQueueTest, ServesPriorityBeforeArrival) {
  RequestQueue queue(BatchPolicy{});
  Add(queue, {.ticket = 1, .priority = kPriorityLowest});
  Add(queue, {.ticket = 2});
  Add(queue, {.ticket = 3, .priority = kPriorityHighest});
  Add(queue, {.ticket = 4});
  EXPECT_EQ(Take(queue), Tickets{3});
  EXPECT_EQ(Take(queue), Tickets{2});
  EXPECT_EQ(Take(queue), Tickets{4});
  EXPECT_EQ(Take(queue), Tickets{1});
}

TEST_F(RequestQueueTest, FillsABatchFromLowerPriorities) {
  RequestQueue queue({.rows_max = 2});
  Add(queue, {.ticket = 1, .priority = kPriorityLowest});
  Add(queue, {.ticket = 2, .priority = kPriorityHighest});
  EXPECT_EQ(Take(queue), (Tickets{2, 1}));
}

TEST_F(RequestQueueTest, IsNeverReadyWhenEmpty) {
  RequestQueue queue({.rows_max = 2});
  EXPECT_EQ(queue.ReadyAt(), kNever);
}

TEST_F(RequestQueueTest, IsReadyAtOnceWithoutADelay) {
  RequestQueue queue({.rows_max = 8});
  Add(queue, {1});
  EXPECT_TRUE(queue.Ready(kStart));
}

TEST_F(RequestQueueTest, WaitsForCompanyUntilItsDelayIsOver) {
  RequestQueue queue({.rows_max = 8, .delay_max = milliseconds(5)});
  Add(queue, {1});
  EXPECT_FALSE(queue.Ready(kStart + milliseconds(5) - Duration(1)));
  EXPECT_TRUE(queue.Ready(kStart + milliseconds(5)));
}

TEST_F(RequestQueueTest, CountsTheDelayFromTheOldestOfAllPriorities) {
  RequestQueue queue({.rows_max = 8, .delay_max = milliseconds(5)});
  Add(queue, {.ticket = 1, .priority = kPriorityLowest});
  Add(queue, {.ticket = 2, .priority = kPriorityHighest},
      kStart + milliseconds(4));
  EXPECT_EQ(queue.ReadyAt(), kStart + milliseconds(5));
}

TEST_F(RequestQueueTest, IsReadyEarlyWhenTheFirstBatchIsFull) {
  RequestQueue queue({.rows_max = 2, .delay_max = milliseconds(5)});
  Add(queue, {1, "a"});
  Add(queue, {2, "b"});
  EXPECT_FALSE(queue.Ready(kStart));
  Add(queue, {3, "a"});
  EXPECT_TRUE(queue.Ready(kStart));
}

TEST_F(RequestQueueTest, IsNotReadyWhenAnotherKeysBatchIsFull) {
  RequestQueue queue({.rows_max = 2, .delay_max = milliseconds(5)});
  Add(queue, {1, "a"});
  Add(queue, {2, "b"});
  Add(queue, {3, "b"});
  EXPECT_FALSE(queue.Ready(kStart));
}

TEST_F(RequestQueueTest, IsReadyWhenDelaysEnd) {
  RequestQueue queue({.rows_max = 8, .delay_max = milliseconds(5)});
  Add(queue, {1});
  queue.EndDelays();
  EXPECT_TRUE(queue.Ready(kStart));
}

TEST_F(RequestQueueTest, WaitsAgainWhenTheFullBatchLostOne) {
  RequestQueue queue({.rows_max = 2, .delay_max = milliseconds(5)});
  Add(queue, {1});
  const QueuePlace second = Add(queue, {2});
  queue.Remove(second);
  EXPECT_FALSE(queue.Ready(kStart));
}

TEST_F(RequestQueueTest, StartsNoneWhoseDeadlineHasCome) {
  RequestQueue queue({.rows_max = 4});
  Add(queue, {.ticket = 1, .deadline = kStart});
  Add(queue, {.ticket = 2, .deadline = kStart + Duration(1)});
  Add(queue, {.ticket = 3, .deadline = kStart - Duration(1)});
  RequestQueue::Taken taken = queue.Take(kStart);
  EXPECT_EQ(TicketsOf(taken.batch), Tickets{2});
  EXPECT_EQ(TicketsOf(taken.expired), (Tickets{1, 3}));
  EXPECT_EQ(queue.size(), 0U);
}

TEST_F(RequestQueueTest, TakesTwiceItsRowsOfExpiredOnesAtMost) {
  RequestQueue queue({.rows_max = 2});
  for (Ticket ticket = 1; ticket <= 5; ++ticket) {
    Add(queue, {.ticket = ticket, .deadline = kStart});
  }
  Add(queue, {.ticket = 6});
  RequestQueue::Taken taken = queue.Take(kStart);
  EXPECT_EQ(taken.expired.size(), 4U);
  EXPECT_EQ(TicketsOf(taken.batch), Tickets{6});
  EXPECT_EQ(queue.size(), 1U);
}

TEST_F(RequestQueueTest, TellsWhereTheFirstStands) {
  RequestQueue queue(BatchPolicy{});
  Add(queue, {.ticket = 1});
  const QueuePlace urgent =
      Add(queue, {.ticket = 2, .priority = kPriorityHighest});
  EXPECT_EQ(queue.FirstPlace(), urgent);
}

TEST_F(RequestQueueTest, CountsBytesUntilTheyLeave) {
  RequestQueue queue({.rows_max = 1});
  const QueuePlace first = Add(queue, {1});
  Add(queue, {2});
  Add(queue, {3});
  queue.Remove(first);
  EXPECT_EQ(queue.bytes(), 20);
  queue.Take(kStart);
  queue.TakeAll();
  EXPECT_EQ(queue.bytes(), 0);
}

TEST_F(RequestQueueTest, EmptiesWhenAllAreTaken) {
  RequestQueue queue({.rows_max = 4, .delay_max = milliseconds(5)});
  Add(queue, {1, "a"});
  Add(queue, {2, "b"});
  EXPECT_EQ(TicketsOf(queue.TakeAll()), (Tickets{1, 2}));
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_EQ(queue.ReadyAt(), kNever);
}

}  // namespace
}  // namespace weir
