#include "config/kind.h"

#include <chrono>
#include <optional>
#include <string>

#include "config/container_kind.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

template <typename Value, typename Kind>
std::optional<Value> Taken(const Kind& kind, absl::string_view text,
                           bool is_quoted = false) {
  Value value{};
  if (!kind.Parse({.text = text, .is_quoted = is_quoted}, value).ok()) {
    return std::nullopt;
  }
  return value;
}

TEST(KindTest, TakesDevicesOfAnyBackend) {
  for (const char* device : {"auto", "cpu", "mps", "cuda:0", "fake:0",
                             "privateuseone:12", "a_1:1023"}) {
    EXPECT_EQ(Taken<std::string>(DeviceNameKind{}, device), device);
  }
}

// R47
TEST(KindTest, RefusesWhatIsNoDevice) {
  for (const char* device :
       {"", ":", ":0", "cuda:", "cuda:-1", "cuda:01", "cuda:x", "CUDA:0",
        "cuda 0", "cuda:0:1", "0cuda", "_x", "auto:0", "cuda:0 ", "cuda:1e9",
        "cuda:99999999999999999999", "cu-da", "\u00e9"}) {
    EXPECT_FALSE(Taken<std::string>(DeviceNameKind{}, device)) << device;
  }
  EXPECT_TRUE(Taken<std::string>(DeviceNameKind{}, std::string(64, 'a')));
  EXPECT_FALSE(Taken<std::string>(DeviceNameKind{}, std::string(65, 'a')));
}

TEST(KindTest, TakesNumbersAtTheirBoundsOnly) {
  constexpr WholeNumberKind<int> kKind{-1, 8};
  EXPECT_EQ(Taken<int>(kKind, "-1"), -1);
  EXPECT_EQ(Taken<int>(kKind, "8"), 8);
  EXPECT_FALSE(Taken<int>(kKind, "-2"));
  EXPECT_FALSE(Taken<int>(kKind, "9"));
  EXPECT_FALSE(Taken<int>(kKind, "4294967296"));
}

TEST(KindTest, TakesFlagsInOneSpelling) {
  EXPECT_EQ(Taken<bool>(FlagKind{}, "true"), true);
  EXPECT_EQ(Taken<bool>(FlagKind{}, "false"), false);
  for (const char* text : {"", "yes", "no", "on", "True", "TRUE", "1", "0"}) {
    EXPECT_FALSE(Taken<bool>(FlagKind{}, text)) << text;
  }
}

TEST(KindTest, TakesAutoForNoValue) {
  constexpr AutoKind<WholeNumberKind<int>> kKind{{1, 8}};
  EXPECT_EQ(Taken<std::optional<int>>(kKind, "auto"),
            std::optional<std::optional<int>>(std::optional<int>()));
  EXPECT_EQ(Taken<std::optional<int>>(kKind, "3")->value(), 3);
  EXPECT_FALSE(Taken<std::optional<int>>(kKind, "none"));
  EXPECT_EQ(kKind.Print(std::optional<int>()), "auto");
}

TEST(KindTest, TakesTextWithinItsLength) {
  constexpr TextKind kKind{1, 3, "text"};
  EXPECT_EQ(Taken<std::string>(kKind, "abc", true), "abc");
  EXPECT_FALSE(Taken<std::string>(kKind, ""));
  EXPECT_FALSE(Taken<std::string>(kKind, "abcd"));
  EXPECT_FALSE(Taken<std::string>(kKind, "\x01"));
}

TEST(KindTest, RefusesQuotesAroundWhatIsNoText) {
  EXPECT_FALSE(Taken<int>(WholeNumberKind<int>{0, 9}, "5", true));
  EXPECT_FALSE(Taken<bool>(FlagKind{}, "true", true));
  EXPECT_FALSE(Taken<double>(DecimalKind{0, 9}, "5", true));
  EXPECT_FALSE(Taken<int64_t>(SizeKind{0, 9}, "5B", true));
  EXPECT_FALSE(
      Taken<Duration>(TimeKind{Duration::zero(), Duration::max()}, "5s", true));
}

TEST(KindTest, LeavesTheValueAloneWhenItRefuses) {
  int value = 7;
  EXPECT_FALSE((WholeNumberKind<int>{1, 8}.Parse({.text = "9"}, value).ok()));
  EXPECT_EQ(value, 7);
}

TEST(KindTest, SaysWhatIsAllowed) {
  EXPECT_EQ((SizeKind{1024, 1 << 20}.Allowed()), "1KiB to 1MiB");
  EXPECT_EQ((DecimalKind{0.001, 1000}.Allowed()), "0.001 to 1000");
  EXPECT_EQ((ChoiceKind<int, 2>{{"a", "b"}}.Allowed()), "a, b");
  EXPECT_EQ((ListKind<WholeNumberKind<int>>{{1, 9}, 0, 4}.Allowed()),
            "at most 4 entries, each 1 to 9");
  EXPECT_EQ((TextMapKind{4, 1024}.Allowed()),
            "at most 4 entries, each at most 1KiB of text");
}

}  // namespace
}  // namespace weir
