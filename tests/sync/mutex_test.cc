#include "sync/mutex.h"

#include <vector>

#include "gtest/gtest.h"
#include "sync/thread.h"

namespace weir {
namespace {

TEST(MutexTest, ExcludesOtherThreads) {
  Mutex mutex;
  int count = 0;
  {
    std::vector<Thread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back("adder", [&] {
        for (int j = 0; j < 1000; ++j) {
          MutexLock lock(mutex);
          ++count;
        }
      });
    }
  }
  EXPECT_EQ(count, 8000);
}

TEST(MutexTest, LetsAClockLockBeTakenUnderAComponentLock) {
  Mutex component;
  Mutex clock(LockRank::kClock);
  MutexLock outer(component);
  MutexLock inner(clock);
}

TEST(CheckDeathTest, NamesWhatCannotBe) {
  EXPECT_DEATH(WEIR_CHECK(1 + 1 == 3, "sums are right"),
               "check failed at .*sums are right");
}

#ifndef NDEBUG
// R28: a component's lock under another component's lock is a lock order.
TEST(MutexDeathTest, RefusesTwoComponentLocksAtOnce) {
  Mutex first;
  Mutex second;
  EXPECT_DEATH(
      {
        MutexLock outer(first);
        MutexLock inner(second);
      },
      "a lock is taken under");
}
#endif

}  // namespace
}  // namespace weir
