#include "backend/slot_lease.h"

#include <memory>
#include <stdexcept>
#include <utility>

#include "backend/slot_pool.h"
#include "gtest/gtest.h"
#include "sync/simulated_clock.h"
#include "tests/support/fake_rig.h"
#include "tests/support/fake_slots.h"
#include "tests/support/tensors.h"

namespace weir {
namespace {

SlotLease TakeFrom(SlotLease& from) { return std::move(from); }

class SlotLeaseTest : public testing::Test {
 protected:
  SimulatedClock clock_;
  SlotPool pool_{"fake:0", FakeSlots("fake:0", 1), clock_, nullptr};
};
using SlotLeaseDeathTest = SlotLeaseTest;

// R10
TEST_F(SlotLeaseTest, ReturnsItsSlotWhenDroppedWithoutRelease) {
  { const SlotLease lease = *pool_.TryAcquire(-1); }
  EXPECT_EQ(pool_.Read().num_leased, 0);
  EXPECT_TRUE(pool_.TryAcquire(-1).ok());
}

TEST_F(SlotLeaseTest, ReturnsItsSlotOnceWhereverItWasMovedTo) {
  SlotLease first = *pool_.TryAcquire(-1);
  const LeaseTicket ticket = first.ticket();
  SlotLease second = std::move(first);
  EXPECT_EQ(second.ticket(), ticket);
  EXPECT_EQ(pool_.Read().num_leased, 1);
  { const SlotLease third = std::move(second); }
  EXPECT_EQ(pool_.Read().num_leased, 0);
}

TEST_F(SlotLeaseTest, ReturnsTheOldSlotWhenAssignedOver) {
  SlotPool other("fake:1", FakeSlots("fake:1", 1), clock_, nullptr);
  SlotLease lease = *pool_.TryAcquire(-1);
  lease = *other.TryAcquire(-1);
  EXPECT_EQ(pool_.Read().num_leased, 0);
  EXPECT_EQ(lease.slot().device(), "fake:1");
  SlotLease& same = lease;
  lease = std::move(same);
  EXPECT_EQ(other.Read().num_leased, 1) << "assigned to itself";
}

// R11
TEST_F(SlotLeaseDeathTest, DiesWhenReleasedTwice) {
  SlotLease lease = *pool_.TryAcquire(-1);
  lease.Release({});
  EXPECT_DEATH(lease.Release({}), "a lease is released once");
}

// R11
TEST_F(SlotLeaseDeathTest, DiesWhenUsedAfterItWasGivenAway) {
  SlotLease lease = *pool_.TryAcquire(-1);
  const SlotLease taker = TakeFrom(lease);
  EXPECT_DEATH(lease.Release({}), "a lease is released once");
  EXPECT_DEATH(lease.slot(), "used under its lease");
  EXPECT_DEATH(pool_.Report(lease, Fault::kSlot), "reported to its pool");
}

// R11
TEST_F(SlotLeaseDeathTest, DiesWhenReportedOrReturnedToAForeignPool) {
  SlotPool other("fake:1", FakeSlots("fake:1", 1), clock_, nullptr);
  SlotLease lease = *pool_.TryAcquire(-1);
  EXPECT_DEATH(other.Report(lease, Fault::kSlot), "reported to its pool");
  EXPECT_DEATH(other.ReturnToService(std::move(lease)), "to its pool");
}

TEST_F(SlotLeaseDeathTest, DiesWhenItOutlivesItsPool) {
  const auto outlive = [&] {
    auto pool = std::make_unique<SlotPool>("fake:1", FakeSlots("fake:1", 1),
                                           clock_, nullptr);
    SlotLease lease = *pool->TryAcquire(-1);
    pool.reset();
  };
  EXPECT_DEATH(outlive(), "a pool outlives its leases");
}

// R12
TEST(NestedLeaseTest, ReturnsBothDevicesSlotsWhenAnExceptionPasses) {
  FakeRig rig(1);
  SlotPool other("fake:1", std::move(rig.backend.Probe("fake:1", 1)->slots),
                 rig.clock, nullptr);
  auto model = rig.Load("m");
  try {
    SlotLease outer = *rig.pool.TryAcquire(-1);
    const LeaseTicket ticket = outer.ticket();
    {
      SlotLease inner = *other.TryAcquire(-1);
      EXPECT_EQ(inner.slot().device(), "fake:1");
    }
    EXPECT_EQ(other.Read().num_leased, 0);
    EXPECT_EQ(outer.ticket(), ticket);
    const SlotLease again = *other.TryAcquire(-1);
    throw std::runtime_error("between two leases");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(rig.pool.Read().num_leased, 0);
  EXPECT_EQ(other.Read().num_leased, 0);
  EXPECT_TRUE(rig.Run(*model, {FloatTensor({1, 1}, {1})}).outputs.ok());
  rig.Free(std::move(model));
}

}  // namespace
}  // namespace weir
