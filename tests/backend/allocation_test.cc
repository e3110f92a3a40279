// Counts this program's allocations, and so is a program of its own.
#include <cstdint>
#include <optional>

#include "backend/slot_pool.h"
#include "gtest/gtest.h"
#include "sync/clock.h"
#include "tests/support/counted_allocations.h"
#include "tests/support/fake_slots.h"

namespace weir {
namespace {

TEST(AllocationTest, CountsWhatItShould) {
  const int64_t before = num_allocations;
  ::operator delete(::operator new(1));  // an expression may be left out
  EXPECT_EQ(num_allocations, before + 1);
}

// R43
TEST(AllocationTest, LeasesWithoutAllocating) {
  RealClock clock;
  SlotPool pool("cpu", FakeSlots("cpu", 4), clock, nullptr);
  const int64_t before = num_allocations;
  for (int round = 0; round < 1000; ++round) {
    SlotLease lease = *pool.Acquire(round % 6, kNever);
    SlotLease other = *pool.TryAcquire(-1);
    lease.Release({.rows = 1});
  }
  EXPECT_EQ(num_allocations, before);
}

// A worker that is about to wait has lost no time on an error that nobody
// reads.
TEST(AllocationTest, IsAskedToWaitWithoutAllocating) {
  RealClock clock;
  SlotPool pool("a device with a name too long to be stored in place",
                FakeSlots("cpu", 1), clock, nullptr);
  std::optional<SlotLease> held = *pool.TryAcquire(-1);
  const int64_t before = num_allocations;
  const SlotLease lease = *pool.Acquire(-1, kNever, [&held] { held.reset(); });
  EXPECT_EQ(num_allocations, before);
}

}  // namespace
}  // namespace weir
