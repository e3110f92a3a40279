// A random walk through SlotPoolState beside a plain account of what must be
// true. The seed is printed by a failure and replays it exactly.
#include <cstdint>
#include <deque>
#include <iterator>
#include <map>
#include <random>
#include <set>

#include "backend/slot_pool_state.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

class Walk {
 public:
  Walk(int num_slots, uint32_t seed) : state_(num_slots), random_(seed) {
    for (int slot = 0; slot < num_slots; ++slot) in_service_.insert(slot);
  }

  void Step() {
    switch (Draw(16)) {
      case 0:
        return Report(Fault::kSlot);
      case 1:
        return Draw(20) == 0 ? Report(Fault::kDevice) : ReportStale();
      case 2:
        return Repair();
      case 3:
        return Restore();
      case 4:
        return Leave();
      case 5:
        return Draw(100) == 0 ? Dismiss() : ReportStale();
      case 6:
      case 7:
      case 8:
      case 9:
        return Release();
      default:
        return Acquire();
    }
  }

  // What must be true after every step.
  void Check() {
    ASSERT_EQ(state_.num_leased(), static_cast<int>(leases_.size()));
    ASSERT_EQ(state_.num_waiters(), static_cast<int>(line_.size()));
    ASSERT_EQ(state_.in_service(), static_cast<int>(in_service_.size()));
    ASSERT_TRUE(line_.empty() || state_.num_free() == 0);
    ASSERT_TRUE(line_.empty() || state_.in_service() > 0);
    int num_free = state_.num_slots();
    const std::vector<SlotCounters> counters = state_.Counters();
    for (int slot = 0; slot < state_.num_slots(); ++slot) {
      const SlotCounters& counted = counters[static_cast<size_t>(slot)];
      const bool serves = in_service_.count(slot) > 0;
      ASSERT_EQ(counted.leased, Leased(slot));
      ASSERT_EQ(counted.in_service, serves);
      num_free -= Leased(slot) || !serves ? 1 : 0;
    }
    ASSERT_EQ(state_.num_free(), num_free) << "no slot is lost";
  }

 private:
  uint32_t Draw(uint32_t bound) { return random_() % bound; }
  bool Leased(int slot) const {
    for (const auto& [ticket, leased] : leases_) {
      if (leased == slot) return true;
    }
    return false;
  }
  LeaseTicket AnyLease() {
    if (leases_.empty()) return 0;
    return std::next(leases_.begin(), Draw(leases_.size()))->first;
  }

  void Granted(SlotGrant grant) {
    EXPECT_FALSE(Leased(grant.slot)) << "a slot is leased to one alone";
    EXPECT_GT(grant.ticket, last_ticket_) << "a ticket is drawn once";
    last_ticket_ = grant.ticket;
    leases_[grant.ticket] = grant.slot;
  }
  void Took(const SlotPoolState::Change& change, int in_service_before) {
    if (change.news.has_value()) {
      EXPECT_GT(change.news->number, last_news_);
      last_news_ = change.news->number;
      EXPECT_EQ(change.news->in_service, static_cast<int>(in_service_.size()));
    } else {
      EXPECT_EQ(in_service_before, static_cast<int>(in_service_.size()));
    }
    if (change.handed.has_value()) {
      ASSERT_FALSE(line_.empty());
      EXPECT_EQ(change.handed->waiter, line_.front()) << "first come first";
      line_.pop_front();
      Granted(change.handed->grant);
    }
    if (change.wake_all) Dismiss();
  }

  void Acquire() {
    const auto hint = static_cast<int>(Draw(12)) - 2;
    if (const auto grant = state_.TryAcquire(hint)) {
      EXPECT_TRUE(line_.empty()) << "nobody barges in";
      EXPECT_TRUE(in_service_.count(grant->slot) > 0);
      Granted(*grant);
    } else if (state_.in_service() > 0) {
      line_.push_back(state_.Wait());
    }
  }
  void Release() {
    const LeaseTicket ticket = AnyLease();
    if (ticket == 0) return ReportStale();
    const auto before = static_cast<int>(in_service_.size());
    const int slot = leases_[ticket];
    if (restored_.erase(ticket) > 0) in_service_.insert(slot);
    repairs_.erase(ticket);
    leases_.erase(ticket);
    stale_ = ticket;
    const SlotPoolState::Change change = state_.Release(ticket, {.rows = 1});
    EXPECT_EQ(change.retired, in_service_.count(slot) == 0 &&
                                  drawn_to_repair_.count(ticket) == 0)
        << "asks for a repair once";
    Took(change, before);
  }
  void Report(Fault fault) {
    const LeaseTicket ticket = AnyLease();
    if (ticket == 0) return;
    const auto before = static_cast<int>(in_service_.size());
    in_service_.erase(leases_[ticket]);
    if (fault == Fault::kDevice && ticket > last_before_loss_) {
      last_before_loss_ = last_ticket_;
      in_service_.clear();
      repairs_.clear();
      restored_.clear();
    }
    Took(state_.Report(ticket, fault), before);
  }
  void ReportStale() {
    const SlotPoolState::Change change =
        state_.Report(stale_, Draw(2) == 0 ? Fault::kSlot : Fault::kDevice);
    EXPECT_FALSE(change.news.has_value() || change.wake_all);
  }
  void Repair() {
    const auto grant = state_.BeginRepair();
    if (!grant.has_value()) return;
    EXPECT_EQ(in_service_.count(grant->slot), 0);
    Granted(*grant);
    repairs_.insert(grant->ticket);
    drawn_to_repair_.insert(grant->ticket);
  }
  void Restore() {
    if (const LeaseTicket ticket = AnyLease(); repairs_.count(ticket) > 0) {
      EXPECT_TRUE(state_.Restore(ticket));
      repairs_.erase(ticket);
      restored_.insert(ticket);
    }
  }
  void Leave() {
    if (line_.empty()) return;
    const auto place = line_.begin() + Draw(line_.size());
    EXPECT_TRUE(state_.Leave(*place));
    EXPECT_FALSE(state_.Leave(*place));
    line_.erase(place);
  }
  void Dismiss() {
    state_.DismissWaiters();
    line_.clear();
  }

  SlotPoolState state_;
  std::mt19937 random_;
  std::set<int> in_service_;
  std::map<LeaseTicket, int> leases_;
  std::set<LeaseTicket> drawn_to_repair_;
  std::set<LeaseTicket> repairs_;   // begun, not yet declared sound
  std::set<LeaseTicket> restored_;  // declared sound, not yet given back
  std::deque<WaiterId> line_;
  LeaseTicket last_ticket_ = 0;
  LeaseTicket last_before_loss_ = 0;
  LeaseTicket stale_ = 0;
  uint64_t last_news_ = 0;
};

class SlotPoolWalkTest : public testing::TestWithParam<int> {};

// R01
TEST_P(SlotPoolWalkTest, KeepsItsInvariantsOverRandomSteps) {
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Walk walk(GetParam(), seed);
    for (int step = 0; step < 10000; ++step) {
      walk.Step();
      walk.Check();
      ASSERT_FALSE(HasFailure()) << "step " << step;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Slots, SlotPoolWalkTest, testing::Values(1, 2, 3, 8));

}  // namespace
}  // namespace weir
