#include "config/version_number.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(VersionNumberTest, IsADecimalNumberAboveZero) {
  EXPECT_EQ(ParseVersionNumber("1"), 1);
  EXPECT_EQ(ParseVersionNumber("20261121143000"), 20261121143000);
  EXPECT_EQ(ParseVersionNumber("9223372036854775807"), INT64_MAX);
}

TEST(VersionNumberTest, IsWrittenInOneWayOnly) {
  for (const char* text : {"", "0", "01", "-1", "+1", "1a", "1.0", "0x1", " 1",
                           "1 ", "9223372036854775808"}) {
    EXPECT_FALSE(ParseVersionNumber(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace weir
