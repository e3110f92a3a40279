#include "backend/slot_pool.h"

#include <atomic>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/simulated_clock.h"
#include "sync/thread.h"
#include "tests/support/fake_slots.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Keeps the news in the order of arrival.
class NewsKeeper final : public SlotPoolObserver {
 public:
  void OnService(const std::string&, const ServiceNews& news) override {
    MutexLock lock(mutex_);
    news_.push_back(news);
  }
  void OnRetired(const std::string& device) override {
    MutexLock lock(mutex_);
    retired_.push_back(device);
  }
  std::vector<std::string> retired() const {
    MutexLock lock(mutex_);
    return retired_;
  }
  std::vector<ServiceNews> news() const {
    MutexLock lock(mutex_);
    return news_;
  }

 private:
  mutable Mutex mutex_;
  std::vector<std::string> retired_ ABSL_GUARDED_BY(mutex_);
  std::vector<ServiceNews> news_ ABSL_GUARDED_BY(mutex_);
};

class SlotPoolTest : public testing::Test {
 protected:
  SimulatedClock clock_;
  NewsKeeper keeper_;
  SlotPool pool_{"fake:0", FakeSlots("fake:0", 2), clock_, &keeper_};
};

TEST_F(SlotPoolTest, LeasesEachSlotOnceAndThenRefuses) {
  const SlotLease first = *pool_.TryAcquire(0);
  const SlotLease second = *pool_.TryAcquire(0);
  EXPECT_EQ(first.slot().index(), 0);
  EXPECT_EQ(second.slot().index(), 1);
  const absl::StatusOr<SlotLease> third = pool_.TryAcquire(0);
  EXPECT_EQ(third.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(third.status().message()), HasSubstr("fake:0"));
  EXPECT_EQ(pool_.Read().num_leased, 2);
}

TEST_F(SlotPoolTest, HonoursTheHintWhereThatSlotIsFree) {
  for (const int hint : {1, 0, 1, 1, 0}) {
    EXPECT_EQ(pool_.Acquire(hint, kNever)->slot().index(), hint);
  }
}

// R13
TEST_F(SlotPoolTest, IgnoresHintsAndTicketsThatNameNothing) {
  std::mt19937_64 random(7);
  SlotLease held = *pool_.TryAcquire(0);
  const LeaseTicket live = held.ticket();
  for (int i = 0; i < 10000; ++i) {
    const auto hint = static_cast<int>(random());
    const SlotLease lease = *pool_.TryAcquire(hint);
    EXPECT_EQ(lease.slot().index(), 1) << "never the leased one: " << hint;
    const LeaseTicket ticket = i % 2 == 0 ? random() : random() % 64;
    if (ticket == live || ticket == lease.ticket()) continue;
    pool_.Report(ticket, Fault::kDevice);
  }
  EXPECT_EQ(pool_.Read().service.in_service, 2);
  EXPECT_TRUE(keeper_.news().empty());
}

TEST_F(SlotPoolTest, CountsWhatTheLeasesDid) {
  pool_.TryAcquire(1)->Release(
      {.gather = Duration(3), .run = Duration(4), .rows = 5, .failed = true});
  const SlotCounters counters = pool_.Read().slots[1];
  EXPECT_EQ(counters.leases, 1);
  EXPECT_EQ(counters.rows, 5);
  EXPECT_EQ(counters.failures, 1);
  EXPECT_EQ(counters.busy, Duration(7));
}

TEST_F(SlotPoolTest, RefusesOnceClosedAndKeepsLeasesValid) {
  SlotLease lease = *pool_.TryAcquire(-1);
  pool_.Close();
  pool_.Close();
  EXPECT_EQ(pool_.TryAcquire(-1).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(pool_.Acquire(-1, kNever).status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(pool_.AcquireRetired().status().code(),
            absl::StatusCode::kCancelled);
  EXPECT_EQ(lease.slot().device(), "fake:0");
  lease.Release({});
  EXPECT_EQ(pool_.Read().num_leased, 0);
}

TEST_F(SlotPoolTest, TellsItsCallerBeforeItWaitsAndOnlyThen) {
  std::atomic<int> told = 0;
  const auto tell = [&] { ++told; };
  SlotLease first = *pool_.Acquire(-1, kNever, tell);
  SlotLease second = *pool_.Acquire(-1, kNever, tell);
  EXPECT_EQ(told, 0);
  Thread waiter("waiter",
                [&] { EXPECT_TRUE(pool_.Acquire(-1, kNever, tell).ok()); });
  while (pool_.Read().num_waiters == 0) std::this_thread::yield();
  EXPECT_EQ(told, 1);
  first.Release({});
}

TEST_F(SlotPoolTest, TellsWhenARetiredSlotWasGivenBackAndOnlyThen) {
  SlotLease bad = *pool_.TryAcquire(0);
  SlotLease good = *pool_.TryAcquire(1);
  pool_.Report(bad, Fault::kSlot);
  good.Release({});
  EXPECT_TRUE(keeper_.retired().empty());
  bad.Release({});
  EXPECT_THAT(keeper_.retired(), ElementsAre("fake:0"));
}

// Else a device that cannot be repaired would be repaired for ever.
TEST_F(SlotPoolTest, DoesNotAskForAnotherRepairWhenOneFailed) {
  SlotLease bad = *pool_.TryAcquire(0);
  pool_.Report(bad, Fault::kDevice);
  bad.Release({});
  EXPECT_EQ(keeper_.retired().size(), 1);
  SlotLease repair = *pool_.AcquireRetired();
  pool_.Report(repair, Fault::kDevice);
  repair.Release({});
  EXPECT_EQ(keeper_.retired().size(), 1);
}

TEST_F(SlotPoolTest, TakesAReportedSlotOutOfService) {
  SlotLease bad = *pool_.TryAcquire(0);
  pool_.Report(bad, Fault::kSlot);
  EXPECT_EQ(pool_.AcquireRetired().status().code(), absl::StatusCode::kNotFound)
      << "its run has not returned";
  EXPECT_FALSE(pool_.Read().slots[0].in_service);
  EXPECT_TRUE(pool_.Read().slots[0].leased) << "stuck";
  bad.Release({});
  const SlotLease good = *pool_.TryAcquire(0);
  EXPECT_EQ(good.slot().index(), 1);
  EXPECT_FALSE(pool_.TryAcquire(0).ok());
  ASSERT_EQ(keeper_.news().size(), 1);
  EXPECT_EQ(keeper_.news()[0].in_service, 1);
}

TEST_F(SlotPoolTest, SaysThatNoSlotIsInServiceOnceTheDeviceIsLost) {
  SlotLease lease = *pool_.TryAcquire(-1);
  pool_.Report(lease.ticket(), Fault::kDevice);
  EXPECT_EQ(pool_.TryAcquire(-1).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(pool_.Acquire(-1, kNever).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_TRUE(pool_.Read().service.lost);
}

// R22
TEST_F(SlotPoolTest, IgnoresTheReportOfALeaseThatHasEnded) {
  LeaseTicket stale = 0;
  { stale = pool_.TryAcquire(0)->ticket(); }
  const SlotLease next = *pool_.TryAcquire(0);
  pool_.Report(stale, Fault::kSlot);
  EXPECT_TRUE(pool_.Read().slots[0].in_service);
}

TEST_F(SlotPoolTest, NumbersItsNewsInTheirOrder) {
  {
    const SlotLease bad = *pool_.TryAcquire(0);
    pool_.Report(bad, Fault::kSlot);
    pool_.Report(bad, Fault::kDevice);
  }
  EXPECT_TRUE(pool_.ReturnToService(*pool_.AcquireRetired()));
  EXPECT_TRUE(pool_.ReturnToService(*pool_.AcquireRetired()));
  std::vector<int> in_service;
  uint64_t last = 0;
  for (const ServiceNews& news : keeper_.news()) {
    EXPECT_GT(news.number, last);
    last = news.number;
    in_service.push_back(news.in_service);
  }
  EXPECT_THAT(in_service, ElementsAre(1, 0, 1, 2));
  EXPECT_EQ(pool_.Read().service.number, last);
  EXPECT_TRUE(pool_.TryAcquire(0).ok());
}

TEST_F(SlotPoolTest, LeavesASlotRetiredWhoseRepairFailed) {
  {
    const SlotLease bad = *pool_.TryAcquire(0);
    pool_.Report(bad, Fault::kSlot);
  }
  { const SlotLease repair = *pool_.AcquireRetired(); }
  EXPECT_FALSE(pool_.Read().slots[0].in_service);
  EXPECT_TRUE(pool_.AcquireRetired().ok());
}

TEST_F(SlotPoolTest, LeavesASlotRetiredWhoseDeviceWasLostMeanwhile) {
  {
    const SlotLease bad = *pool_.TryAcquire(0);
    pool_.Report(bad, Fault::kSlot);
  }
  SlotLease repair = *pool_.AcquireRetired();
  {
    const SlotLease other = *pool_.TryAcquire(-1);
    pool_.Report(other, Fault::kDevice);
  }
  EXPECT_FALSE(pool_.ReturnToService(std::move(repair)));
  EXPECT_EQ(pool_.Read().service.in_service, 0);
  EXPECT_EQ(pool_.Read().num_leased, 0);
}

TEST(SlotPoolDeathTest, DiesOfSlotsThatAreNotNumberedFromZero) {
  SimulatedClock clock;
  auto slots = FakeSlots("fake:0", 2);
  std::swap(slots[0], slots[1]);
  EXPECT_DEATH(SlotPool("fake:0", std::move(slots), clock, nullptr),
               "numbered from 0");
}

}  // namespace
}  // namespace weir
