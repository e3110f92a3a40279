#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/command.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(VersionTest, TellsTheReleaseAndTheBuild) {
  const CommandResult result = RunCommand(WEIR_PROGRAM " version");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, MatchesRegex("weir 0\\.1\\.0\n"
                                          "headers   [0-9a-f]+\n"
                                          "abseil    [a-z0-9 ]+\n"
                                          "compiler  (gcc|clang) [^\n]+\n"));
}

TEST(VersionTest, NeedsNoModule) {
  EXPECT_EQ(
      RunCommand("WEIR_BACKEND_MODULE=/nonexistent " WEIR_PROGRAM " version")
          .status,
      0);
}

TEST(ProgramTest, ListsItsVerbs) {
  const CommandResult result = RunCommand(WEIR_PROGRAM " --help");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("selftest"));
  EXPECT_THAT(result.output, HasSubstr("version"));
}

}  // namespace
}  // namespace weir
