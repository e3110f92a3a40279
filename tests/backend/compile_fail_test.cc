// Misuse of a lease that must not compile. What a static_assert can show is
// shown in slot_lease_test.cc.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/command.h"

namespace weir {
namespace {

using ::testing::ContainsRegex;

CommandResult Compile(const std::string& misuse) {
  return RunCommand("LC_ALL=C " WEIR_COMPILE " -DCASE_" + misuse +
                    " " WEIR_MISUSE);
}

TEST(CompileFailTest, CompilesWithoutMisuse) {
  const CommandResult result = Compile("NONE");
  EXPECT_EQ(result.status, 0) << result.output;
}

// R10
TEST(CompileFailTest, RefusesToCopyALease) {
  EXPECT_THAT(Compile("COPY").output, ContainsRegex("error: .*deleted"));
}

// R10
TEST(CompileFailTest, RefusesToMakeALeaseByHand) {
  EXPECT_THAT(Compile("RAW").output, ContainsRegex("error: .*private"));
}

TEST(CompileFailTest, RefusesToDiscardALease) {
  EXPECT_THAT(Compile("DISCARD").output,
              ContainsRegex("error: .*(nodiscard|ignoring return)"));
}

}  // namespace
}  // namespace weir
