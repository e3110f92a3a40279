// Many threads on one pool.
#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "backend/slot_pool.h"
#include "gtest/gtest.h"
#include "sync/clock.h"
#include "sync/thread.h"
#include "tests/support/fake_slots.h"
#include "tests/support/scale.h"

namespace weir {
namespace {

// Runs `body(thread)` on `count` threads that start together, and joins them.
template <typename Body>
void OnThreads(int count, const Body& body) {
  std::latch start(count);
  std::vector<Thread> threads;
  for (int self = 0; self < count; ++self) {
    threads.emplace_back("storm", [&, self] {
      start.arrive_and_wait();
      body(self);
    });
  }
}

class SlotPoolStormTest : public testing::Test {
 protected:
  static constexpr int kNumSlots = 4;

  // Uses the slot: dies of a second owner, and races with one under TSan.
  void Use(const SlotLease& lease) {
    const auto slot = static_cast<size_t>(lease.slot().index());
    EXPECT_EQ(owners_[slot].fetch_add(1, std::memory_order_relaxed), 0);
    ++uses_[slot];
    owners_[slot].fetch_sub(1, std::memory_order_relaxed);
  }
  int64_t num_uses() const {
    int64_t sum = 0;
    for (const int64_t uses : uses_) sum += uses;
    return sum;
  }

  RealClock clock_;
  SlotPool pool_{"fake:0", FakeSlots("fake:0", kNumSlots), clock_, nullptr};
  std::array<std::atomic<int>, kNumSlots> owners_ = {};
  std::array<int64_t, kNumSlots> uses_ = {};  // guarded by the leases
};

// R01
TEST_F(SlotPoolStormTest, NeverLeasesASlotToTwo) {
  const int rounds = Scaled(10000);
  OnThreads(4 * kNumSlots, [&](int self) {
    LeaseTicket stale = 0;
    for (int round = 0; round < rounds; ++round) {
      SlotLease lease = *pool_.Acquire(self + round, kNever);
      Use(lease);
      if (stale != 0) pool_.Report(stale, Fault::kSlot);
      stale = lease.ticket();
      lease.Release({.rows = 1});
    }
  });
  EXPECT_EQ(num_uses(), int64_t{4} * kNumSlots * rounds);
  EXPECT_EQ(pool_.Read().service.in_service, kNumSlots) << "all were stale";
}

// R05
TEST(SlotPoolBackPressureTest, FinishesEveryWaiterOnOneSlot) {
  RealClock clock;
  SlotPool pool("fake:0", FakeSlots("fake:0", 1), clock, nullptr);
  std::atomic<int> num_done = 0;
  OnThreads(64, [&](int self) {
    std::mt19937 random(static_cast<uint32_t>(self));
    for (int round = 0; round < Scaled(20); ++round) {
      for (uint32_t i = random() % 4; i > 0; --i) std::this_thread::yield();
      const SlotLease lease = *pool.Acquire(-1, kNever);
      for (uint32_t i = random() % 4; i > 0; --i) std::this_thread::yield();
      ++num_done;
    }
  });
  EXPECT_EQ(num_done, 64 * Scaled(20));
}

// R08
TEST_F(SlotPoolStormTest, CountsNoLeaseOnceIdleThoughItsThreadsLive) {
  std::latch idle(8);
  std::latch read(1);
  std::vector<Thread> threads;
  for (int self = 0; self < 8; ++self) {
    threads.emplace_back("user", [&, self] {
      for (int round = 0; round < 100; ++round) {
        SlotLease lease = *pool_.Acquire(self, kNever);
        if (round % 2 == 0) lease.Release({.rows = 1});
      }
      idle.count_down();
      read.wait();
    });
  }
  idle.wait();
  const SlotPool::Snapshot snapshot = pool_.Read();
  read.count_down();
  EXPECT_EQ(snapshot.num_leased, 0);
  EXPECT_EQ(snapshot.num_waiters, 0);
  for (const SlotCounters& slot : snapshot.slots) EXPECT_FALSE(slot.leased);
}

// R09: nothing but the live leases says how many run at once.
TEST_F(SlotPoolStormTest, CountsTheLeasesThatThereAreNow) {
  std::vector<SlotLease> leases;
  for (int i = 0; i < kNumSlots; ++i) {
    leases.push_back(*pool_.Acquire(i, kNever));
    EXPECT_EQ(pool_.Read().num_leased, i + 1);
  }
  while (leases.size() > 1) leases.pop_back();
  EXPECT_EQ(pool_.Read().num_leased, 1);
  leases[0].Release({});
  EXPECT_EQ(pool_.Read().num_leased, 0) << "though the lease lives on";
}

// R53
TEST_F(SlotPoolStormTest, SurvivesLeasesTimeOutsFaultsAndRepairsAtOnce) {
  constexpr int rounds = 1000;  // under sanitizers too
  std::atomic<int64_t> num_leases = 0;
  OnThreads(32, [&](int self) {
    std::mt19937 random(static_cast<uint32_t>(self));
    for (int round = 0; round < rounds; ++round) {
      if (absl::StatusOr<SlotLease> retired = pool_.AcquireRetired();
          retired.ok()) {
        pool_.ReturnToService(*std::move(retired));
      }
      const TimePoint deadline =
          clock_.Now() + std::chrono::microseconds(random() % 200);
      absl::StatusOr<SlotLease> lease = pool_.Acquire(self, deadline);
      if (!lease.ok()) continue;
      Use(*lease);
      ++num_leases;
      if (random() % 16 == 0) pool_.Report(*lease, Fault::kSlot);
      if (random() % 64 == 0) pool_.Report(*lease, Fault::kDevice);
      if (random() % 2 == 0) lease->Release({.rows = 1});
      if (random() % 32 == 0) pool_.Read();
    }
  });
  EXPECT_GE(num_leases, rounds) << "it was a storm of leases too";
  EXPECT_EQ(num_uses(), num_leases);
  EXPECT_EQ(pool_.Read().num_leased, 0);
  EXPECT_EQ(pool_.Read().num_waiters, 0);
}

TEST_F(SlotPoolStormTest, ClosesUnderLoad) {
  std::atomic<int> num_closed = 0;
  OnThreads(16, [&](int self) {
    for (int round = 0;; ++round) {
      if (self == 0 && round == 100) pool_.Close();
      const absl::StatusOr<SlotLease> lease = pool_.Acquire(self, kNever);
      if (lease.ok()) continue;
      EXPECT_EQ(lease.status().code(), absl::StatusCode::kCancelled);
      ++num_closed;
      return;
    }
  });
  EXPECT_EQ(num_closed, 16);
}

class SlotPoolBoundaryTest : public testing::TestWithParam<int> {};

// R52
TEST_P(SlotPoolBoundaryTest, ServesAroundItsCapacity) {
  RealClock clock;
  SlotPool pool("fake:0", FakeSlots("fake:0", 4), clock, nullptr);
  std::atomic<int> num_held = 0;
  std::atomic<int> num_held_max = 0;
  const int num_threads = GetParam();
  OnThreads(num_threads, [&](int self) {
    for (int round = 0; round < Scaled(1000); ++round) {
      const SlotLease lease = *pool.Acquire(self, kNever);
      const int held = ++num_held;
      int seen = num_held_max;
      while (held > seen && !num_held_max.compare_exchange_weak(seen, held)) {
      }
      --num_held;
    }
  });
  EXPECT_LE(num_held_max, std::min(num_threads, 4));
  EXPECT_EQ(pool.Read().num_leased, 0);
}

INSTANTIATE_TEST_SUITE_P(Threads, SlotPoolBoundaryTest,
                         testing::Values(3, 4, 5, 8));

}  // namespace
}  // namespace weir
