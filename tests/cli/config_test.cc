#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

class ConfigTest : public testing::Test {
 protected:
  static CommandResult Run(const std::string& arguments,
                           const std::string& variables = "") {
    return RunCommand(variables + " " WEIR_PROGRAM " config " + arguments);
  }
  std::string File(const std::string& text) const {
    return folder_.Write("weir.yaml", text);
  }

  const TemporaryFolder folder_;
};

TEST_F(ConfigTest, ChecksAConfigurationThatIsRight) {
  const CommandResult result =
      Run("check --config " + File("queue: {requests_max: 7}\n"));
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output, "ok\n");
  EXPECT_EQ(Run("check --config " WEIR_SOURCE "/config/default.yaml").status,
            0);
  EXPECT_EQ(Run("check").output, "ok\n");
}

TEST_F(ConfigTest, TellsEveryProblemWithItsPlace) {
  const std::string path = File("qeue: {}\nqueue: {requests_max: 0}\n");
  const CommandResult result =
      Run("check --config " + path, "WEIR_DRAIN_GRACE=x WEIR_NONSENSE=1");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(
      result.output,
      AllOf(StartsWith(path + ":1:1: qeue: unknown key"),
            HasSubstr("\n" + path + ":2:23: queue.requests_max: out of bounds"),
            HasSubstr("\nWEIR_DRAIN_GRACE: drain.grace: "),
            HasSubstr("\nWEIR_NONSENSE: unknown variable"),
            Not(HasSubstr("ok\n"))));
}

TEST_F(ConfigTest, TellsThatThereIsNoSuchFile) {
  const CommandResult result = Run("check --config /nonexistent/weir.yaml");
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.output,
            "/nonexistent/weir.yaml: No such file or directory\n");
}

TEST_F(ConfigTest, ChecksModelsToo) {
  folder_.Write("models/good.pt", "weights");
  folder_.Write("models/good.yaml", "weight: 2\n");
  EXPECT_EQ(Run("check --models " + folder_.path() + "/models").output, "ok\n");
  folder_.Write("models/bad.pt", "weights");
  folder_.Write("models/bad.yaml", "wieght: 2\nrunsmax: 0\n");
  EXPECT_EQ(Run("check --models " + folder_.path() + "/models").status, 2);
  folder_.Write("models/empty/model.yaml", "weight: 2\n");
  const CommandResult result = Run("check --models " + folder_.path() +
                                   "/models --config " + File("x: 1\n"));
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("/weir.yaml:1:1: x: unknown key"),
                    HasSubstr("/bad.yaml:1:1: wieght: unknown key"),
                    HasSubstr("/bad.yaml:2:1: runsmax: unknown key"),
                    HasSubstr("/empty: holds no version")));
}

TEST_F(ConfigTest, ShowsWhatIsInEffectAndWhereItCameFrom) {
  const std::string path = File("queue: {requests_max: 7}\n");
  const CommandResult result =
      Run("show --config " + path, "WEIR_DRAIN_GRACE=5s");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output,
              AllOf(StartsWith("# What weir runs with: "),
                    HasSubstr("\n  requests_max: 7  # " + path + ":1:23\n"),
                    HasSubstr("\n  grace: 5s  # WEIR_DRAIN_GRACE\n"),
                    HasSubstr("\n  deadline: 30s\n")));
}

TEST_F(ConfigTest, ShowsAConfigurationThatIsRight) {
  const std::string path = File("backend: {environment: {A: '# b'}}\n");
  const std::string shown = folder_.path() + "/shown.yaml";
  EXPECT_EQ(Run("show --config " + path + " > " + shown).status, 0);
  EXPECT_EQ(Run("check --config " + shown).output, "ok\n");
}

TEST_F(ConfigTest, ShowsNoConfigurationThatIsWrong) {
  const CommandResult result = Run("show", "WEIR_QUEUE_REQUESTS_MAX=0");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.output, StartsWith("WEIR_QUEUE_REQUESTS_MAX: queue."));
}

TEST_F(ConfigTest, ExplainsAKey) {
  const CommandResult result = Run("explain queue.requests_max");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output,
            "queue.requests_max\n"
            "\n"
            "Requests that may wait for one model; one more is refused with a "
            "time to retry\n"
            "after.\n"
            "\n"
            "default   512\n"
            "allowed   1 to 1048576\n"
            "variable  WEIR_QUEUE_REQUESTS_MAX\n");
}

TEST_F(ConfigTest, ExplainsAGroupAndAnEntryOfAList) {
  EXPECT_EQ(Run("explain drain").output,
            "drain\n\nHow the daemon stops.\n\nkeys      grace, deadline\n");
  EXPECT_THAT(Run("explain devices").output,
              AllOf(HasSubstr("keys      device, slots, on_lost\n"),
                    HasSubstr("allowed   1 to 64 entries\n")));
  for (const char* key :
       {"devices.slots", "'devices[].slots'", "'devices[3].slots'"}) {
    EXPECT_THAT(Run(std::string("explain ") + key).output,
                AllOf(StartsWith("devices[].slots\n\nHow many runs"),
                      HasSubstr("\nvariable  WEIR_DEVICES\n")));
  }
}

TEST_F(ConfigTest, ExplainsAKeyOfAModelYaml) {
  EXPECT_THAT(
      Run("explain model.batch.rows_max").output,
      AllOf(StartsWith("model.batch.rows_max\n\nRows that run"),
            HasSubstr("\ndefault   none\n"), Not(HasSubstr("variable"))));
}

TEST_F(ConfigTest, NamesTheNearestKey) {
  const CommandResult result = Run("explain queue.reqests_max");
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.output,
            "weir: queue.reqests_max: no such key; did you mean "
            "queue.requests_max?; `weir config explain` lists them all\n");
  EXPECT_THAT(Run("explain slots").output,
              HasSubstr("did you mean devices[].slots?"));
  EXPECT_THAT(Run("explain zebra").output, Not(HasSubstr("did you mean")));
}

TEST_F(ConfigTest, ListsAllKeys) {
  const CommandResult result = Run("explain");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("\nqueue.requests_max                 512\n"),
                    HasSubstr("\nmodel.weight                       1\n"),
                    Not(HasSubstr("\nqueue  "))));
}

TEST_F(ConfigTest, ExplainsAllThatDocsLimitsHolds) {
  EXPECT_EQ(RunCommand(WEIR_PROGRAM " config explain --all | cmp - " WEIR_SOURCE
                                    "/docs/limits.md")
                .output,
            "");
}

TEST_F(ConfigTest, IsLedToByHelp) {
  EXPECT_THAT(
      RunCommand(WEIR_PROGRAM " --help").output,
      AllOf(HasSubstr("config"), HasSubstr("weir config explain --all")));
  EXPECT_THAT(Run("").output, MatchesRegex("weir: .*see weir config --help\n"));
}

}  // namespace
}  // namespace weir
