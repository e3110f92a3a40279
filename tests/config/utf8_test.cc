#include "config/utf8.h"

#include <string>

#include "gtest/gtest.h"

namespace weir {
namespace {

TEST(Utf8Test, TakesText) {
  for (const char* text :
       {"", "plain", "tab\tand\nlines\r\n", "\u00e9", "\u20ac", "\U0001F600",
        "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(CountText(text), std::string(text).size()) << text;
  }
}

// SEC-19
TEST(Utf8Test, StopsAtTheFirstByteThatIsNotText) {
  for (const char* bytes :
       {"\x01", "\x1F", "\x7F", "\r", "\rx", "\x80", "\xBF", "\xFF", "\xF8",
        "\xC3", "\xC3(", "\xE2\x82", "\xE2(\xAC", "\xF0\x9F\x98"}) {
    EXPECT_EQ(CountText(std::string("ok") + bytes), 2U) << bytes;
  }
  EXPECT_EQ(CountText(absl::string_view("a\0b", 3)), 1U);
}

TEST(Utf8Test, RefusesOverlongSurrogateAndTooLarge) {
  for (const char* bytes :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF",
        "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80"}) {
    EXPECT_EQ(CountText(bytes), 0U) << bytes;
  }
}

}  // namespace
}  // namespace weir
