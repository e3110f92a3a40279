#include <string>

#include "gtest/gtest.h"
#include "tests/support/command.h"

namespace weir {
namespace {

struct Refused {
  const char* arguments;
  const char* sentence;
};

class UsageErrorTest : public testing::TestWithParam<Refused> {};

TEST_P(UsageErrorTest, TellsWhatIsWrongAndEndsWith2) {
  const CommandResult result =
      RunCommand(std::string(WEIR_PROGRAM " ") + GetParam().arguments);
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.output, std::string("weir: ") + GetParam().sentence + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    Verbs, UsageErrorTest,
    testing::Values(
        Refused{"", "A subcommand is required; see weir --help"},
        Refused{"docter",
                "docter: no such verb; did you mean doctor?; see weir --help"},
        Refused{"zebra", "zebra: no such verb; see weir --help"},
        Refused{"config", "A subcommand is required; see weir config --help"},
        Refused{"config chek",
                "chek: no such verb; did you mean check?; see weir config "
                "--help"},
        Refused{"version x", "x: one word too many; see weir version --help"}));

INSTANTIATE_TEST_SUITE_P(
    Options, UsageErrorTest,
    testing::Values(
        Refused{"--nonsense", "--nonsense: no such option; see weir --help"},
        Refused{"--hlep",
                "--hlep: no such option; did you mean --help?; see weir "
                "--help"},
        Refused{"doctor --modls x",
                "--modls: no such option; did you mean --models?; see weir "
                "doctor --help"},
        Refused{"doctor --modls=x --jsn",
                "--modls: no such option; did you mean --models?; see weir "
                "doctor --help"},
        Refused{"doctor --models",
                "--models: 1 required TEXT missing; see weir doctor --help"},
        Refused{"config explain --al",
                "--al: no such option; did you mean --all?; see weir config "
                "explain --help"},
        // What this program tells itself alone is not shown to people.
        Refused{"selftest --chil",
                "--chil: no such option; see weir selftest --help"}));

TEST(UsageErrorTextTest, ShowsNoMoreOfAWordThanALineHolds) {
  const CommandResult result =
      RunCommand(WEIR_PROGRAM " $(printf 'a\\033%0300d' 1)");
  EXPECT_EQ(result.status, 2);
  EXPECT_LT(result.output.size(), 150U);
  EXPECT_EQ(result.output.find('\033'), std::string::npos);
}

}  // namespace
}  // namespace weir
