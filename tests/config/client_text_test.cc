#include "config/client_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace weir {
namespace {

TEST(ClientTextTest, LeavesTextAsItIs) {
  EXPECT_EQ(ClientText("unet \"2\" \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"),
            "unet \"2\" \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80");
}

// SEC-13: nothing ends a line or drives a terminal.
TEST(ClientTextTest, EscapesControlCharacters) {
  EXPECT_EQ(ClientText("a\r\n\tb\x1b[2J\x7f"), "a\\r\\n\\tb\\x1b[2J\\x7f");
  EXPECT_EQ(ClientText(std::string("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(ClientText("\xC2\x9B"
                       "2J"),
            "\\xc2\\x9b2J");
}

TEST(ClientTextTest, EscapesBytesThatAreNoUtf8) {
  EXPECT_EQ(ClientText("\xFFz\xC3(\xE2\x82"), "\\xffz\\xc3(\\xe2\\x82");
}

TEST(ClientTextTest, DoublesABackslashSoThatNothingPassesForAnEscape) {
  EXPECT_EQ(ClientText("\\n"), "\\\\n");
}

TEST(ClientTextTest, CutsAtTheBound) {
  EXPECT_EQ(ClientText(std::string(256, 'x')), std::string(256, 'x'));
  EXPECT_EQ(ClientText(std::string(1 << 20, 'x')),
            absl::StrCat(std::string(256, 'x'), "..."));
}

TEST(ClientTextTest, CutsNoCharacterInTwo) {
  EXPECT_EQ(ClientText("ab\xE2\x82\xAC", 4), "ab...");
}

TEST(ClientTextTest, CountsWhatComesOutAgainstTheBound) {
  EXPECT_EQ(ClientText("ab\x1b", 5), "ab...");
  EXPECT_EQ(ClientText("ab\x1b", 6), "ab\\x1b");
  EXPECT_EQ(ClientText("\\\\", 3), "\\\\...");
}

TEST(QuotedTest, EscapesAndCutsWhatAClientSent) {
  EXPECT_EQ(Quoted("a\"b\n\x1b"), "\"a\\\"b\\n\\x1b\"");
  EXPECT_EQ(Quoted(std::string(1000, 'a')).size(), 64 + 5);
}

}  // namespace
}  // namespace weir
