#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "config/limits_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/model_directory.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> BadNames() {
  return {
      "",
      ".",
      "..",
      "../x",
      "x/..",
      "/etc/passwd",
      "a/b",
      "a/",
      "a\\b",
      "..\\x",
      "C:x",
      std::string("a\0b", 3),
      "a\nb",
      "a\r",
      "a b",
      " a",
      "a ",
      "a\tb",
      "a\"b",
      "a'b",
      "a%2e",
      "a*",
      "a?",
      "$HOME",
      "~a",
      "a;b",
      "a|b",
      "a:1",
      ".hidden",
      "-rf",
      "_a",
      "a\x7f",
      "a\xff",
      "caf\xc3\xa9",                // a letter, and not of ASCII
      "\xd0\xb0",                   // looks like an a
      "a\xe2\x80\xa4pt",            // a dot that is none
      "z\xe2\x88\x95z",             // a slash that is none
      "\xe2\x80\xaez",              // turns the line round
      "a\xe2\x80\x8b",              // takes no room
      "a\xef\xbc\x8e\xef\xbc\x8e",  // wide dots
      "a\xc0\xae",                  // a dot, written too long
      std::string(129, 'a'),
  };
}

// SEC-07, R13
TEST(ModelNameTest, TakesNoBadName) {
  for (const std::string& name : BadNames()) {
    EXPECT_FALSE(IsModelName(name)) << testing::PrintToString(name);
  }
}

TEST(ModelNameTest, TakesLettersDigitsAndAFewMarks) {
  for (const std::string& name :
       {std::string("a"), std::string("7"), std::string("Net-2.1_b"),
        std::string("a.."), std::string(128, 'z')}) {
    EXPECT_TRUE(IsModelName(name)) << name;
  }
}

// SEC-07
TEST(ModelNameTest, FindsNoModelUnderABadName) {
  for (const std::string name :
       {"a b", "-rf", "_a", "a\\b", "a\nb", "a\"b", "\xd0\xb0", "$HOME"}) {
    const TemporaryFolder folder;
    folder.Write(name + "/1/model.pt", "x");
    folder.Write(name + "!.pt", "x");
    const ModelDirectory found = FindModels(folder.path());
    EXPECT_THAT(found.models, IsEmpty());
    const auto is_refused =
        HasSubstr(": is no name for a model; rename it to at most 128 letters");
    EXPECT_THAT(found.problems, ElementsAre(is_refused, is_refused));
  }
}

// SEC-07, R13
TEST(ModelNameTest, TakesNoBadVersion) {
  for (const char* text :
       {"", "0", "00", "01", "-1", "+1", "1a", "a1", "v1", "1.0", "1e3", "0x1",
        " 1", "1 ", "1\n", "9223372036854775808", "99999999999999999999",
        "\xd9\xa1"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseModelVersion(text).status()))
        << text;
  }
}

TEST(ModelNameTest, TakesVersionsUpToTheLargestNumber) {
  EXPECT_EQ(ParseModelVersion("1").value_or(0), 1);
  EXPECT_EQ(ParseModelVersion("20261121143000").value_or(0), 20261121143000);
  EXPECT_EQ(ParseModelVersion("9223372036854775807").value_or(0), INT64_MAX);
}

// SEC-07, R13
TEST(ModelNameTest, FindsNoModelBesideABadVersion) {
  for (const std::string version :
       {"0", "01", "-1", "1a", "v2", "9223372036854775808"}) {
    const TemporaryFolder folder;
    folder.Write("net/1/model.pt", "x");
    folder.Write("net/" + version + "/model.pt", "x");
    const ModelDirectory found = FindModels(folder.path());
    EXPECT_THAT(found.models, IsEmpty());
    EXPECT_THAT(found.problems,
                ElementsAre(folder.path() + "/net/" + version +
                            ": is no version; rename it to a number above 0 "
                            "without leading zeros, or move it away"));
  }
}

// docs/limits.md says what holds here.
TEST(ModelNameTest, HasTheLimitsThatThePageTells) {
  EXPECT_THAT(LimitsText(),
              HasSubstr("\n| bytes of a model's name in the folder of models | "
                        "128 | "));
  EXPECT_TRUE(IsModelName(std::string(128, 'a')));
  EXPECT_FALSE(IsModelName(std::string(129, 'a')));
  EXPECT_THAT(
      LimitsText(),
      HasSubstr(absl::StrCat("\n| files and folders in one folder of models | ",
                             ModelDirectoryOptions{}.entries_max, " | ")));
}

}  // namespace
}  // namespace weir
