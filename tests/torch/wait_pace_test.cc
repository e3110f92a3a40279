#include "backend/torch/wait_pace.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// What a wait of a device that takes `work` is like at the pace: what a system
// that rounds sleeps up by 60 us makes of it.
struct Wait {
  Duration polled{0};
  Duration late{0};  // asleep after the work was done
  bool in_vain = false;
};

Wait WaitFor(Duration work, WaitPace& pace) {
  constexpr Duration kRoundedUp = microseconds(60);
  Wait wait;
  Duration slept{0};
  if (pace.nap() > Duration::zero()) {
    slept = pace.nap() + kRoundedUp;
    if (slept >= work) {
      wait.late = slept - work;
      pace.Overslept();
      return wait;
    }
  }
  wait.polled = std::min(work - slept, pace.poll());
  wait.in_vain = wait.polled < work - slept;
  if (wait.in_vain) {
    pace.PolledInVain();
  } else {
    pace.SawItEnd(wait.polled);
  }
  return wait;
}

// The mean of many waits, once the pace is found.
struct Course {
  Duration polled{0};
  Duration late{0};
  int num_in_vain = 0;
};

template <typename Work>
Course CourseOf(WaitPace& pace, const Work& work) {
  constexpr int kNumWaits = 1000;
  for (int i = 0; i < kNumWaits; ++i) WaitFor(work(), pace);
  Course course;
  for (int i = 0; i < kNumWaits; ++i) {
    const Wait wait = WaitFor(work(), pace);
    course.polled += wait.polled;
    course.late += wait.late;
    course.num_in_vain += wait.in_vain ? 1 : 0;
  }
  course.polled /= kNumWaits;
  course.late /= kNumWaits;
  return course;
}

TEST(WaitPaceTest, LooksAtOnceWhileNothingIsKnown) {
  const WaitPace pace;
  EXPECT_EQ(pace.nap(), Duration::zero());
  EXPECT_EQ(pace.poll(), WaitPace::kPollMax);
}

TEST(WaitPaceTest, SleepsThroughMostOfALongWaitThatIsAlwaysTheSame) {
  for (const Duration work :
       {microseconds(300), microseconds(900), microseconds(20'000)}) {
    WaitPace pace;
    const Course course = CourseOf(pace, [&] { return work; });
    EXPECT_LT(course.polled, std::max<Duration>(microseconds(100), work / 4));
    EXPECT_LT(course.late, work / 20);
    EXPECT_LT(course.num_in_vain, 100);
  }
}

TEST(WaitPaceTest, RarelySleepsInAWaitThatIsShorterThanASleep) {
  WaitPace pace;
  const Course course = CourseOf(pace, [] { return microseconds(50); });
  EXPECT_LT(course.late, microseconds(5));
  EXPECT_EQ(course.num_in_vain, 0);
}

TEST(WaitPaceTest, SoonStopsPollingWhereNoWaitIsLikeTheOther) {
  WaitPace pace;
  std::mt19937 random(1);
  std::uniform_int_distribution<int> milliseconds_of(1, 20);
  const Course course =
      CourseOf(pace, [&] { return milliseconds(milliseconds_of(random)); });
  EXPECT_LT(course.polled, microseconds(60));
}

TEST(WaitPaceTest, FollowsAModelThatBecameFaster) {
  WaitPace pace;
  CourseOf(pace, [] { return milliseconds(5); });
  int num_late = 0;
  while (num_late < 100 &&
         WaitFor(microseconds(200), pace).late > Duration::zero()) {
    ++num_late;
  }
  EXPECT_LE(num_late, 20);
}

TEST(WaitPaceTest, PollsForLongAgainOnceThatSeesTheEnd) {
  WaitPace pace;
  for (int i = 0; i < 100; ++i) pace.PolledInVain();
  EXPECT_EQ(pace.poll(), WaitPace::kPollMin);
  for (int i = 0; i < 100; ++i) pace.SawItEnd(Duration::zero());
  EXPECT_GT(pace.poll(), WaitPace::kPollMax - microseconds(10));
}

}  // namespace
}  // namespace weir
