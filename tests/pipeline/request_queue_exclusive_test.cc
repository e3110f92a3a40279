// RequestQueue's exclusive keys: one request of a key at a time.
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/pipeline/request_queue.h"
#include "tests/pipeline/answer_log.h"

namespace weir {
namespace {

using Tickets = std::vector<Ticket>;

class ExclusiveKeyTest : public ::testing::Test {
 protected:
  static constexpr TimePoint kNow{std::chrono::hours(1)};

  QueuePlace Add(Ticket ticket, const std::string& exclusive_key,
                 int priority = kPriorityDefault, TimePoint deadline = kNever) {
    auto request = std::make_unique<Request>(log_.MakeCompletion(ticket));
    request->ticket = ticket;
    request->bytes = 10;
    request->priority = priority;
    request->deadline = deadline;
    request->exclusive_key = exclusive_key;
    request->arrived = kNow;
    return queue_.Add(std::move(request), ++last_arrival_);
  }
  static Tickets TicketsOf(const std::vector<RequestPtr>& some) {
    Tickets tickets;
    for (const RequestPtr& request : some) tickets.push_back(request->ticket);
    return tickets;
  }
  Tickets Take() { return TicketsOf(queue_.Take(kNow).batch); }

  AnswerLog log_;
  RequestQueue queue_{{.rows_max = 4}};
  uint64_t last_arrival_ = 0;
};

TEST_F(ExclusiveKeyTest, HoldsTheNextBackWhileOneRuns) {
  Add(1, "k");
  Add(2, "k");
  Add(3, "");
  EXPECT_EQ(Take(), (Tickets{1, 3}));
  EXPECT_EQ(Take(), Tickets{});
  queue_.FreeKey("k");
  EXPECT_EQ(Take(), Tickets{2});
}

TEST_F(ExclusiveKeyTest, CountsTheParkedAsQueued) {
  Add(1, "k");
  Add(2, "k");
  EXPECT_EQ(queue_.size(), 2U);
  EXPECT_EQ(queue_.bytes(), 20);
}

TEST_F(ExclusiveKeyTest, IsNotReadyWhenAllAreParked) {
  Add(1, "k");
  Take();
  Add(2, "k");
  EXPECT_EQ(queue_.ReadyAt(), kNever);
  queue_.FreeKey("k");
  EXPECT_TRUE(queue_.Ready(kNow));
}

TEST_F(ExclusiveKeyTest, PromotesByPriorityThenArrival) {
  Add(1, "k");
  Add(2, "k");
  Add(3, "k", kPriorityHighest);
  Add(4, "k");
  Tickets order;
  for (int i = 0; i < 4; ++i) {
    for (const Ticket ticket : Take()) order.push_back(ticket);
    queue_.FreeKey("k");
  }
  EXPECT_EQ(order, (Tickets{1, 3, 2, 4}));
}

TEST_F(ExclusiveKeyTest, PutsThePromotedWhereItArrived) {
  Add(1, "k");
  Add(2, "k");
  Add(3, "");
  queue_.Remove({kPriorityDefault, 1});
  EXPECT_EQ(Take(), (Tickets{2, 3}));
}

TEST_F(ExclusiveKeyTest, PromotesTheNextWhenTheFirstIsRemoved) {
  const QueuePlace first = Add(1, "k");
  Add(2, "k");
  queue_.Remove(first);
  EXPECT_EQ(Take(), Tickets{2});
}

TEST_F(ExclusiveKeyTest, RemovesAParkedOneAlone) {
  Add(1, "k");
  const QueuePlace parked = Add(2, "k");
  Add(3, "k");
  EXPECT_EQ(queue_.Remove(parked)->ticket, 2U);
  EXPECT_EQ(Take(), Tickets{1});
  queue_.FreeKey("k");
  EXPECT_EQ(Take(), Tickets{3});
}

TEST_F(ExclusiveKeyTest, PromotesTheNextWhenTheFirstExpires) {
  Add(1, "k", kPriorityDefault, kNow);
  Add(2, "k");
  EXPECT_EQ(Take(), Tickets{});
  EXPECT_EQ(Take(), Tickets{2});
}

TEST_F(ExclusiveKeyTest, ForgetsAKeyThatNobodyUses) {
  Add(1, "k");
  Take();
  queue_.FreeKey("k");
  Add(2, "k");
  EXPECT_EQ(Take(), Tickets{2});
}

TEST_F(ExclusiveKeyTest, KeepsTheKeyOfARunWhenAllAreTaken) {
  Add(1, "k");
  Take();
  Add(2, "k");
  EXPECT_EQ(TicketsOf(queue_.TakeAll()), Tickets{2});
  Add(3, "k");
  EXPECT_EQ(Take(), Tickets{});
  queue_.FreeKey("k");
  EXPECT_EQ(Take(), Tickets{3});
}

TEST_F(ExclusiveKeyTest, FreesTheKeysOfTheTakenWhenAllAre) {
  Add(1, "k");
  Add(2, "k");
  EXPECT_EQ(queue_.TakeAll().size(), 2U);
  EXPECT_EQ(queue_.bytes(), 0);
  Add(3, "k");
  EXPECT_EQ(Take(), Tickets{3});
}

TEST(ExclusiveKeyDeathTest, DiesWhenAKeyIsFreedTwice) {
  RequestQueue queue(BatchPolicy{});
  EXPECT_DEATH(queue.FreeKey("k"), "freed once");
}

}  // namespace
}  // namespace weir
