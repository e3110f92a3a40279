#include "server/telemetry/slot_history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// One slot, whose times a test tells in milliseconds.
class SlotHistoryTest : public testing::Test {
 protected:
  struct Now {
    int at_ms = 0;
    int busy_ms = 0;
    bool leased = false;
    uint64_t leases = 0;
  };

  void Sample(const Now& now) {
    TelemetrySnapshot snapshot;
    snapshot.devices.push_back(
        {.name = "cpu",
         .slots = {{.leased = now.leased,
                    .leases = now.leases,
                    .busy = milliseconds(now.busy_ms)}}});
    history_.Sample(snapshot, TimePoint(milliseconds(now.at_ms)));
  }
  SlotHistory::Percents Read() { return history_.Read()["cpu"][0]; }

  SlotHistory history_;
};

TelemetrySnapshot SlotsOf(const std::vector<size_t>& devices) {
  TelemetrySnapshot snapshot;
  for (const size_t num_slots : devices) {
    snapshot.devices.push_back(
        {.name = absl::StrCat("d", snapshot.devices.size()),
         .slots = std::vector<SlotSnapshot>(num_slots)});
  }
  return snapshot;
}

TEST_F(SlotHistoryTest, HasNothingOfAMomentAlone) {
  EXPECT_THAT(history_.Read(), IsEmpty());
  Sample({.at_ms = 0, .busy_ms = 5000});
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_F(SlotHistoryTest, TellsTheShareOfEachSecond) {
  Sample({.at_ms = 0, .busy_ms = 700});
  Sample({.at_ms = 1000, .busy_ms = 950});
  Sample({.at_ms = 2000, .busy_ms = 950});
  Sample({.at_ms = 3500, .busy_ms = 1325});
  EXPECT_THAT(Read(), ElementsAre(25, 0, 25, 25));
}

TEST_F(SlotHistoryTest, ShowsWhateverRan) {
  Sample({.at_ms = 0});
  Sample({.at_ms = 1000, .busy_ms = 1});
  EXPECT_THAT(Read(), ElementsAre(1));
}

TEST_F(SlotHistoryTest, KeepsAMinute) {
  for (int i = 0; i <= 100; ++i) {
    Sample({.at_ms = 1000 * i, .busy_ms = i <= 41 ? 0 : 10 * (i - 41)});
  }
  SlotHistory::Percents expected(SlotHistory::kNumSecondsMax, 1);
  expected[0] = 0;
  EXPECT_EQ(Read(), expected);
}

TEST_F(SlotHistoryTest, LeavesOutASampleThatComesTooSoon) {
  Sample({.at_ms = 0});
  Sample({.at_ms = 499, .busy_ms = 400});
  EXPECT_THAT(Read(), IsEmpty());
  Sample({.at_ms = 1000, .busy_ms = 500});
  EXPECT_THAT(Read(), ElementsAre(50));
}

TEST_F(SlotHistoryTest, SpreadsWhatItDidNotSeeOverTheTimeBetween) {
  Sample({.at_ms = 0});
  Sample({.at_ms = 4000, .busy_ms = 1200});
  EXPECT_THAT(Read(), ElementsAre(30, 30, 30, 30));
  Sample({.at_ms = 3600 * 1000, .busy_ms = 1200});
  EXPECT_THAT(Read(), SizeIs(SlotHistory::kNumSecondsMax));
  EXPECT_THAT(Read(), Each(0));
}

// A run that takes long tells its time at its end; it is seen before.
TEST_F(SlotHistoryTest, CountsARunThatGoesOnAsBusy) {
  Sample({.at_ms = 0});
  Sample({.at_ms = 1000, .leased = true});
  Sample({.at_ms = 2000, .leased = true});
  Sample({.at_ms = 3000, .leased = true});
  EXPECT_THAT(Read(), ElementsAre(0, 100, 100));
  Sample({.at_ms = 4000, .busy_ms = 2500, .leases = 1});
  EXPECT_THAT(Read(), ElementsAre(0, 100, 100, 50));
}

TEST_F(SlotHistoryTest, DoesNotTakeTwoRunsForOneThatGoesOn) {
  Sample({.at_ms = 0, .leased = true, .leases = 1});
  Sample({.at_ms = 1000, .busy_ms = 200, .leased = true, .leases = 2});
  EXPECT_THAT(Read(), ElementsAre(20));
}

// Runs of 1.5 s without a gap: each tells some of the second before.
TEST_F(SlotHistoryTest, PutsTimeThatIsToldLateWhereItWas) {
  Sample({.at_ms = 0});
  Sample({.at_ms = 1000, .leased = true});
  Sample({.at_ms = 2000, .busy_ms = 1500, .leased = true, .leases = 1});
  EXPECT_THAT(Read(), ElementsAre(50, 100));
  Sample({.at_ms = 3000, .busy_ms = 3000, .leases = 2});
  EXPECT_THAT(Read(), ElementsAre(100, 100, 100));
}

TEST_F(SlotHistoryTest, PutsNoTimeBeforeARunCanHaveBegun) {
  for (int i = 0; i <= 3; ++i) Sample({.at_ms = 1000 * i});
  for (int i = 1; i <= 3; ++i) {
    Sample({.at_ms = 3000 + 1000 * i, .busy_ms = 1000 * i});
  }
  Sample({.at_ms = 7000, .busy_ms = 4500});
  EXPECT_THAT(Read(), ElementsAre(0, 0, 0, 100, 100, 100, 100));
}

TEST_F(SlotHistoryTest, TakesNoTimeForMoreThanAMinute) {
  for (int i = 0; i <= 9; ++i) Sample({.at_ms = 1000 * i});
  Sample({.at_ms = 10000, .busy_ms = 1000000000});
  EXPECT_THAT(Read(), Each(100));
  Sample({.at_ms = 11000, .busy_ms = 1000000000});
  EXPECT_EQ(Read().back(), 0);
}

// A lease that loads a model adds nothing to the busy time at its end.
TEST_F(SlotHistoryTest, OwesNothingForALeaseThatRanNothing) {
  Sample({.at_ms = 0, .leased = true});
  Sample({.at_ms = 1000, .leased = true});
  Sample({.at_ms = 2000});
  Sample({.at_ms = 3000, .busy_ms = 400, .leases = 1});
  EXPECT_THAT(Read(), ElementsAre(100, 0, 40));
}

TEST_F(SlotHistoryTest, BearsBusyTimeThatBeginsAnew) {
  Sample({.at_ms = 0, .busy_ms = 9000});
  Sample({.at_ms = 1000});
  Sample({.at_ms = 2000, .busy_ms = 500});
  EXPECT_THAT(Read(), ElementsAre(0, 50));
}

TEST_F(SlotHistoryTest, FollowsSlotsAndDevicesThatComeAndGo) {
  history_.Sample(SlotsOf({2}), TimePoint(seconds(0)));
  history_.Sample(SlotsOf({3, 1}), TimePoint(seconds(1)));
  history_.Sample(SlotsOf({3, 1}), TimePoint(seconds(2)));
  auto lanes = history_.Read();
  ASSERT_THAT(lanes["d0"], SizeIs(3));
  EXPECT_THAT(lanes["d0"][0], SizeIs(2));
  EXPECT_THAT(lanes["d0"][2], SizeIs(1));
  EXPECT_THAT(lanes["d1"], ElementsAre(SizeIs(1)));
  history_.Sample(SlotsOf({1}), TimePoint(seconds(3)));
  lanes = history_.Read();
  EXPECT_THAT(lanes, SizeIs(1));
  EXPECT_THAT(lanes["d0"], ElementsAre(SizeIs(3)));
}

TEST_F(SlotHistoryTest, KeepsNoMoreThanItsBound) {
  const auto too_many =
      SlotsOf(std::vector<size_t>(SlotHistory::kNumDevicesMax + 1, 1));
  const auto too_wide = SlotsOf({SlotHistory::kNumSlotsMax + 1});
  history_.Sample(too_many, TimePoint(seconds(0)));
  EXPECT_THAT(history_.Read(), SizeIs(SlotHistory::kNumDevicesMax));
  for (int i = 1; i < 4; ++i) {
    history_.Sample(too_wide, TimePoint(seconds(i)));
  }
  EXPECT_THAT(history_.Read()["d0"], SizeIs(SlotHistory::kNumSlotsMax));
}

}  // namespace
}  // namespace weir
