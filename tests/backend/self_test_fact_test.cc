#include "backend/self_test_fact.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using Kind = SelfTestFactKind;

TEST(SelfTestFactTest, BecomesALineOfWords) {
  EXPECT_EQ(
      ToLine({.kind = Kind::kWrong,
              .slots = 2,
              .name = "unet",
              .text = "differed: 100% \"y\"\n"}),
      "fact=wrong slots=2 name=unet text=differed:%20100%25%20%22y%22%0a");
  EXPECT_EQ(ToLine({.kind = Kind::kEnd}), "fact=end");
}

TEST(SelfTestFactTest, ComesBackFromItsLine) {
  for (int kind = 0; kind <= static_cast<int>(Kind::kEnd); ++kind) {
    const SelfTestFact fact{.kind = static_cast<Kind>(kind),
                            .slots = kind,
                            .name = "a b=c",
                            .text = "one; two % three"};
    EXPECT_EQ(*ParseSelfTestLine(ToLine(fact)), fact);
  }
}

TEST(SelfTestFactTest, IsCutToItsLine) {
  const SelfTestFact fact{.name = std::string(9999, '\n'),
                          .text = std::string(9999, '%')};
  EXPECT_LE(ToLine(fact).size(), kSelfTestLineBytesMax);
  EXPECT_TRUE(ParseSelfTestLine(ToLine(fact)).ok());
}

TEST(SelfTestFactTest, RefusesWhatIsNoLine) {
  for (const char* line :
       {"", " ", "fact", "fact=", "fact=nonsense", "found slots=1",
        "fact=found slots=0", "fact=found slots=1025", "fact=found slots=-1",
        "fact=found slots=1x", "fact=found  slots=1", "fact=end other=1",
        "fact=end text=%", "fact=end text=%0", "fact=end text=%0G",
        "slots=1 fact=found", "fact=end fact=end"}) {
    EXPECT_FALSE(ParseSelfTestLine(line).ok()) << line;
  }
  const std::string long_line =
      "fact=end text=" + std::string(kSelfTestLineBytesMax, 'x');
  EXPECT_FALSE(ParseSelfTestLine(long_line).ok());
}

TEST(SelfTestFactTest, HoldsNothingThatATerminalObeys) {
  const SelfTestFact fact =
      *ParseSelfTestLine("fact=end text=%1b[2Jred%00%7f%c3%a4");
  EXPECT_EQ(fact.text, "?[2Jred????");
}

}  // namespace
}  // namespace weir
