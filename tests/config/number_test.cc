#include "config/number.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(NumberTest, ReadsWholeNumbers) {
  EXPECT_EQ(*ParseWholeNumber("0"), 0);
  EXPECT_EQ(*ParseWholeNumber("512"), 512);
  EXPECT_EQ(*ParseWholeNumber("-1"), -1);
  EXPECT_EQ(*ParseWholeNumber("9223372036854775807"),
            std::numeric_limits<int64_t>::max());
  EXPECT_EQ(*ParseWholeNumber("-9223372036854775808"),
            std::numeric_limits<int64_t>::min());
}

// R47
TEST(NumberTest, RefusesWhatIsNoWholeNumber) {
  for (const char* text : {"",      "abc", "-",    "--1", "+1",  "010", "00",
                           "-0",    "-01", "0x10", "0o7", "1e9", "1.0", "1_000",
                           "1,000", " 1",  "1 ",   "1\n", "inf", "nan", "٣"}) {
    const auto number = ParseWholeNumber(text);
    ASSERT_FALSE(number.ok()) << text;
    EXPECT_EQ(number.status().message(), "not a whole number") << text;
  }
}

// R47
TEST(NumberTest, RefusesAWholeNumberThatOverflows) {
  for (const char* text :
       {"9223372036854775808", "-9223372036854775809", "18446744073709551616",
        "99999999999999999999999999"}) {
    const auto number = ParseWholeNumber(text);
    ASSERT_FALSE(number.ok()) << text;
    EXPECT_EQ(number.status().message(), "too large to be a number here");
  }
}

TEST(NumberTest, ReadsDecimals) {
  EXPECT_EQ(*ParseDecimal("1"), 1);
  EXPECT_EQ(*ParseDecimal("0.25"), 0.25);
  EXPECT_EQ(*ParseDecimal("-2.50"), -2.5);
  EXPECT_EQ(*ParseDecimal("0.1"), 0.1);
}

// R47
TEST(NumberTest, RefusesWhatIsNoDecimal) {
  for (const char* text :
       {"", "abc", ".5", "5.", "1..2", "1.2.3", "01.5", "1e3", "1.5e3", "0x1p3",
        "inf", "-inf", "nan", "+1", " 1", "1 ", "1,5"}) {
    EXPECT_FALSE(ParseDecimal(text).ok()) << text;
  }
  EXPECT_FALSE(ParseDecimal("0." + std::string(100, '1')).ok());
}

TEST(NumberTest, ReadsSizes) {
  EXPECT_EQ(*ParseSize("0"), 0);
  EXPECT_EQ(*ParseSize("0MiB"), 0);
  EXPECT_EQ(*ParseSize("5B"), 5);
  EXPECT_EQ(*ParseSize("1KiB"), 1024);
  EXPECT_EQ(*ParseSize("64MiB"), 64 << 20);
  EXPECT_EQ(*ParseSize("3GiB"), int64_t{3} << 30);
  EXPECT_EQ(*ParseSize("1TiB"), int64_t{1} << 40);
}

// R47
TEST(NumberTest, RefusesWhatIsNoSize) {
  for (const char* text : {"", "MiB", "64", "64M", "64MB", "64mib", "64 MiB",
                           "-1B", "1.5GiB", "064MiB", "1e9B", "64MiBs"}) {
    EXPECT_FALSE(ParseSize(text).ok()) << text;
  }
  EXPECT_FALSE(ParseSize("8388608TiB").ok());
  EXPECT_FALSE(ParseSize("9223372036854775808B").ok());
}

TEST(NumberTest, ReadsDurations) {
  EXPECT_EQ(*ParseDuration("0"), Duration::zero());
  EXPECT_EQ(*ParseDuration("7ns"), nanoseconds(7));
  EXPECT_EQ(*ParseDuration("7us"), nanoseconds(7000));
  EXPECT_EQ(*ParseDuration("250ms"), milliseconds(250));
  EXPECT_EQ(*ParseDuration("30s"), seconds(30));
  EXPECT_EQ(*ParseDuration("5min"), minutes(5));
  EXPECT_EQ(*ParseDuration("24h"), hours(24));
}

// R47
TEST(NumberTest, RefusesWhatIsNoDuration) {
  for (const char* text : {"", "s", "30", "30sec", "30S", "5m", "30 s", "-1s",
                           "1.5s", "030s", "1e9s", "1h30min", "infs"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
  EXPECT_FALSE(ParseDuration("2562048h").ok());
  EXPECT_FALSE(ParseDuration("9223372036854775808ns").ok());
}

TEST(NumberTest, PrintsTheLargestUnitThatIsWhole) {
  EXPECT_EQ(PrintSize(0), "0B");
  EXPECT_EQ(PrintSize(1536), "1536B");
  EXPECT_EQ(PrintSize(64 << 20), "64MiB");
  EXPECT_EQ(PrintDuration(Duration::zero()), "0s");
  EXPECT_EQ(PrintDuration(milliseconds(1500)), "1500ms");
  EXPECT_EQ(PrintDuration(seconds(60)), "1min");
  EXPECT_EQ(PrintDuration(Duration::max()), "9223372036854775807ns");
}

TEST(NumberTest, PrintsDecimalsThatReadBackEqual) {
  EXPECT_EQ(PrintDecimal(1), "1");
  EXPECT_EQ(PrintDecimal(0.1), "0.1");
  for (double number : {0.001, 1.0 / 3, 2.0 / 300, 999.9999999999999, 1000.0}) {
    EXPECT_EQ(*ParseDecimal(PrintDecimal(number)), number);
  }
}

}  // namespace
}  // namespace weir
