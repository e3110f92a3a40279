#include "server/telemetry/shown_number.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>

namespace weir {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ShownNumberTest, GroupsTheDigitsOfACount) {
  EXPECT_EQ(ShownCount(0), "0");
  EXPECT_EQ(ShownCount(999), "999");
  EXPECT_EQ(ShownCount(1000), "1,000");
  EXPECT_EQ(ShownCount(1234567), "1,234,567");
  EXPECT_EQ(ShownCount(std::numeric_limits<uint64_t>::max()),
            "18,446,744,073,709,551,615");
}

TEST(ShownNumberTest, TellsATimeInTheUnitThatFits) {
  EXPECT_EQ(ShownDuration(seconds(-1)), "0 s");
  EXPECT_EQ(ShownDuration(Duration(0)), "0 s");
  EXPECT_EQ(ShownDuration(microseconds(1250)), "1.2 ms");
  EXPECT_EQ(ShownDuration(milliseconds(84)), "84 ms");
  EXPECT_EQ(ShownDuration(milliseconds(1500)), "1.5 s");
  EXPECT_EQ(ShownDuration(seconds(61)), "1 min 1 s");
  EXPECT_EQ(ShownDuration(hours(3) + seconds(720)), "3 h 12 min");
  EXPECT_EQ(ShownDuration(hours(50)), "2 d 2 h");
}

TEST(ShownNumberTest, RoundsATimeToNoUnitThatIsFull) {
  EXPECT_EQ(ShownDuration(microseconds(999900)), "1.0 s");
  EXPECT_EQ(ShownDuration(milliseconds(59900)), "1 min 0 s");
  EXPECT_EQ(ShownDuration(hours(1) - milliseconds(1)), "1 h 0 min");
  EXPECT_EQ(ShownDuration(hours(24) - milliseconds(1)), "1 d 0 h");
}

TEST(ShownNumberTest, TellsBytesInTheUnitThatFits) {
  EXPECT_EQ(ShownBytes(-1), "0 B");
  EXPECT_EQ(ShownBytes(1023), "1023 B");
  EXPECT_EQ(ShownBytes(1024), "1.0 KiB");
  EXPECT_EQ(ShownBytes(int64_t{3} << 20), "3.0 MiB");
  EXPECT_EQ(ShownBytes((int64_t{1} << 20) - 1), "1.0 MiB");
  EXPECT_EQ(ShownBytes(int64_t{20} << 30), "20 GiB");
}

}  // namespace
}  // namespace weir
