#include "backend/slot_pool_state.h"

#include <limits>
#include <set>

#include "gtest/gtest.h"

namespace weir {
namespace {

constexpr RunStats kRan{
    .gather = Duration(1), .run = Duration(2), .rows = 3, .failed = false};

TEST(SlotPoolStateTest, GrantsEachSlotOnce) {
  SlotPoolState state(3);
  std::set<int> slots;
  for (int i = 0; i < 3; ++i) slots.insert(state.TryAcquire(-1)->slot);
  EXPECT_EQ(slots, std::set<int>({0, 1, 2}));
  EXPECT_EQ(state.TryAcquire(-1), std::nullopt);
  EXPECT_EQ(state.num_leased(), 3);
}

TEST(SlotPoolStateTest, PrefersTheHintThenTheSlotUsedLast) {
  SlotPoolState state(4);
  const SlotGrant hinted = *state.TryAcquire(2);
  EXPECT_EQ(hinted.slot, 2);
  EXPECT_NE(state.TryAcquire(2)->slot, 2) << "leased: any other";
  state.Release(hinted.ticket, {});
  EXPECT_EQ(state.TryAcquire(-1)->slot, 2) << "used last";
}

// R13
TEST(SlotPoolStateTest, IgnoresAHintThatNamesNoSlot) {
  for (const int hint : {-1, 4, 5, 1 << 30, std::numeric_limits<int>::min(),
                         std::numeric_limits<int>::max()}) {
    SlotPoolState state(4);
    const int free_choice = SlotPoolState(4).TryAcquire(-1)->slot;
    EXPECT_EQ(state.TryAcquire(hint)->slot, free_choice) << hint;
  }
}

TEST(SlotPoolStateTest, HandsAReleasedSlotToTheFirstWaiter) {
  SlotPoolState state(1);
  const SlotGrant held = *state.TryAcquire(-1);
  const WaiterId first = state.Wait();
  const WaiterId second = state.Wait();
  const SlotPoolState::Change change = state.Release(held.ticket, {});
  ASSERT_TRUE(change.handed.has_value());
  EXPECT_EQ(change.handed->waiter, first);
  EXPECT_EQ(change.handed->grant.slot, held.slot);
  EXPECT_EQ(state.TryAcquire(-1), std::nullopt) << "nobody barges in";
  EXPECT_EQ(state.Release(change.handed->grant.ticket, {}).handed->waiter,
            second);
}

TEST(SlotPoolStateTest, PassesOverAWaiterThatLeft) {
  SlotPoolState state(1);
  const SlotGrant held = *state.TryAcquire(-1);
  const WaiterId first = state.Wait();
  const WaiterId second = state.Wait();
  EXPECT_TRUE(state.Leave(first));
  EXPECT_FALSE(state.Leave(first));
  EXPECT_EQ(state.Release(held.ticket, {}).handed->waiter, second);
  EXPECT_FALSE(state.Leave(second)) << "it was handed the slot";
}

TEST(SlotPoolStateTest, CountsWhatLeasesDid) {
  SlotPoolState state(1);
  state.Release(state.TryAcquire(-1)->ticket, kRan);
  state.Release(state.TryAcquire(-1)->ticket, {});
  RunStats failed = kRan;
  failed.failed = true;
  state.Release(state.TryAcquire(-1)->ticket, failed);
  const SlotCounters counters = state.Counters()[0];
  EXPECT_EQ(counters.leases, 2) << "one ran nothing";
  EXPECT_EQ(counters.failures, 1);
  EXPECT_EQ(counters.rows, 6);
  EXPECT_EQ(counters.busy, Duration(6));
  EXPECT_FALSE(counters.leased);
}

// R22
TEST(SlotPoolStateTest, NeverTakesAStaleTicketForALiveOne) {
  SlotPoolState state(2);
  const SlotGrant first = *state.TryAcquire(0);
  state.Release(first.ticket, {});
  LeaseTicket last = first.ticket;
  for (int i = 0; i < 1000000; ++i) {
    const SlotGrant grant = *state.TryAcquire(0);
    if (grant.slot != 0 || grant.ticket <= last || state.IsLive(last)) {
      FAIL() << "reuse " << i;
    }
    last = grant.ticket;
    state.Release(grant.ticket, {});
  }
  EXPECT_FALSE(state.IsLive(first.ticket));
  EXPECT_FALSE(state.Report(first.ticket, Fault::kDevice).news.has_value());
}

TEST(SlotPoolStateTest, KeepsAReportedSlotOutOfService) {
  SlotPoolState state(2);
  const SlotGrant bad = *state.TryAcquire(0);
  const SlotPoolState::Change change = state.Report(bad.ticket, Fault::kSlot);
  ASSERT_TRUE(change.news.has_value());
  EXPECT_EQ(change.news->in_service, 1);
  EXPECT_FALSE(change.news->lost);
  EXPECT_FALSE(change.wake_all);
  EXPECT_EQ(state.BeginRepair(), std::nullopt) << "its run has not returned";
  EXPECT_EQ(state.num_leased(), 1) << "shown as stuck";
  EXPECT_FALSE(state.Release(bad.ticket, {}).handed.has_value());
  EXPECT_EQ(state.TryAcquire(0)->slot, 1);
  EXPECT_EQ(state.TryAcquire(0), std::nullopt);
}

TEST(SlotPoolStateTest, ReportsASlotOnce) {
  SlotPoolState state(2);
  const SlotGrant bad = *state.TryAcquire(0);
  EXPECT_EQ(state.Report(bad.ticket, Fault::kSlot).news->number, 1);
  EXPECT_FALSE(state.Report(bad.ticket, Fault::kSlot).news.has_value());
  EXPECT_EQ(state.in_service(), 1);
}

TEST(SlotPoolStateTest, WakesAllWhenTheLastSlotGoes) {
  SlotPoolState state(1);
  const SlotGrant bad = *state.TryAcquire(-1);
  state.Wait();
  EXPECT_TRUE(state.Report(bad.ticket, Fault::kSlot).wake_all);
}

TEST(SlotPoolStateTest, LosesEverySlotWithTheDevice) {
  SlotPoolState state(3);
  const SlotGrant bad = *state.TryAcquire(0);
  const SlotGrant other = *state.TryAcquire(1);
  const SlotPoolState::Change change = state.Report(bad.ticket, Fault::kDevice);
  EXPECT_EQ(change.news->in_service, 0);
  EXPECT_TRUE(change.news->lost);
  EXPECT_TRUE(change.wake_all);
  EXPECT_EQ(state.num_free(), 0);
  EXPECT_EQ(state.BeginRepair()->slot, 2) << "the free one; the rest is stuck";
  state.Release(other.ticket, {});
  EXPECT_EQ(state.BeginRepair()->slot, 1);
}

TEST(SlotPoolStateTest, LosesTheDeviceForAStuckSlotToo) {
  SlotPoolState state(2);
  const SlotGrant bad = *state.TryAcquire(0);
  state.Report(bad.ticket, Fault::kSlot);
  EXPECT_TRUE(state.Report(bad.ticket, Fault::kDevice).news->lost);
  EXPECT_EQ(state.in_service(), 0);
  EXPECT_FALSE(state.Report(bad.ticket, Fault::kDevice).news.has_value());
}

TEST(SlotPoolStateTest, ReturnsARepairedSlotToTheFirstWaiter) {
  SlotPoolState state(2);
  const SlotGrant bad = *state.TryAcquire(0);
  const SlotGrant good = *state.TryAcquire(1);
  state.Report(bad.ticket, Fault::kSlot);
  state.Release(bad.ticket, {});
  const SlotGrant repair = *state.BeginRepair();
  const WaiterId waiter = state.Wait();
  ASSERT_TRUE(state.Restore(repair.ticket));
  EXPECT_EQ(state.in_service(), 1) << "not before it is given back";
  const SlotPoolState::Change change = state.Release(repair.ticket, {});
  EXPECT_EQ(change.news->in_service, 2);
  EXPECT_EQ(change.handed->waiter, waiter);
  EXPECT_NE(change.handed->grant.ticket, repair.ticket);
  EXPECT_TRUE(state.IsLive(good.ticket));
}

TEST(SlotPoolStateTest, KeepsASlotRetiredWhenItsRepairFailed) {
  SlotPoolState state(1);
  const SlotGrant bad = *state.TryAcquire(-1);
  state.Report(bad.ticket, Fault::kSlot);
  state.Release(bad.ticket, {});
  state.Release(state.BeginRepair()->ticket, {});
  EXPECT_EQ(state.in_service(), 0);
  EXPECT_TRUE(state.BeginRepair().has_value()) << "may be tried again";
}

TEST(SlotPoolStateTest, VoidsARepairDuringWhichTheDeviceWasLost) {
  SlotPoolState state(2);
  const SlotGrant bad = *state.TryAcquire(0);
  state.Report(bad.ticket, Fault::kSlot);
  state.Release(bad.ticket, {});
  const SlotGrant repair = *state.BeginRepair();
  state.Report(state.TryAcquire(-1)->ticket, Fault::kDevice);
  EXPECT_FALSE(state.Restore(repair.ticket));
  EXPECT_FALSE(state.Release(repair.ticket, {}).news.has_value());
  EXPECT_EQ(state.in_service(), 0);
}

TEST(SlotPoolStateTest, VoidsARestoredSlotWhoseDeviceIsLostBeforeItsReturn) {
  SlotPoolState state(2);
  const SlotGrant bad = *state.TryAcquire(0);
  state.Report(bad.ticket, Fault::kSlot);
  state.Release(bad.ticket, {});
  const SlotGrant repair = *state.BeginRepair();
  ASSERT_TRUE(state.Restore(repair.ticket));
  state.Report(state.TryAcquire(-1)->ticket, Fault::kDevice);
  state.Release(repair.ticket, {});
  EXPECT_EQ(state.in_service(), 0);
}

TEST(SlotPoolStateTest, IsNotLostAnyMoreOnceASlotIsBack) {
  SlotPoolState state(1);
  const SlotGrant bad = *state.TryAcquire(-1);
  state.Report(bad.ticket, Fault::kDevice);
  state.Release(bad.ticket, {});
  const SlotGrant repair = *state.BeginRepair();
  ASSERT_TRUE(state.Restore(repair.ticket));
  const ServiceNews news = *state.Release(repair.ticket, {}).news;
  EXPECT_EQ(news.in_service, 1);
  EXPECT_FALSE(news.lost);
}

TEST(SlotPoolStateTest, IgnoresALossToldByALeaseFromBeforeIt) {
  SlotPoolState state(2);
  const SlotGrant first = *state.TryAcquire(0);
  const SlotGrant second = *state.TryAcquire(1);
  state.Report(first.ticket, Fault::kDevice);
  state.Release(first.ticket, {});
  const SlotGrant repair = *state.BeginRepair();
  ASSERT_TRUE(state.Restore(repair.ticket));
  state.Release(repair.ticket, {});
  EXPECT_FALSE(state.Report(second.ticket, Fault::kDevice).news.has_value());
  EXPECT_EQ(state.in_service(), 1) << "the device is back";
  const SlotGrant later = *state.TryAcquire(-1);
  EXPECT_TRUE(state.Report(later.ticket, Fault::kDevice).news->lost);
}

TEST(SlotPoolStateTest, RepairsEachRetiredSlotInItsTurn) {
  SlotPoolState state(3);
  for (int slot = 0; slot < 3; ++slot) {
    const SlotGrant bad = *state.TryAcquire(slot);
    state.Report(bad.ticket, Fault::kSlot);
    state.Release(bad.ticket, {});
  }
  for (const int slot : {0, 1, 2, 0, 1}) {
    const SlotGrant repair = *state.BeginRepair();
    EXPECT_EQ(repair.slot, slot);
    state.Release(repair.ticket, {});
  }
}

TEST(SlotPoolStateDeathTest, DiesOfWhatCannotBe) {
  EXPECT_DEATH(SlotPoolState(0), "at least one slot");
  SlotPoolState state(1);
  EXPECT_DEATH(state.Wait(), "slots are all leased");
  const SlotGrant grant = *state.TryAcquire(-1);
  EXPECT_DEATH(state.Release(grant.ticket + 1, {}), "released once");
  EXPECT_DEATH(state.Restore(grant.ticket + 1), "restored under its lease");
  state.Release(grant.ticket, {});
  EXPECT_DEATH(state.Release(grant.ticket, {}), "released once");
}

}  // namespace
}  // namespace weir
