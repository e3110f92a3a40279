#include "cli/doctor_findings.h"

#include <string>
#include <vector>

#include "cli/finding.h"
#include "cli/system_facts.h"
#include "config/listen_address.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/listen/bound_socket.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr FindingLevel kOk = FindingLevel::kOk;
constexpr FindingLevel kWarning = FindingLevel::kWarning;
constexpr FindingLevel kProblem = FindingLevel::kProblem;

TEST(FindingTest, IsALineWithItsAdviceBelow) {
  EXPECT_EQ(FindingsText({{kOk, "cores", "2", ""},
                          {kWarning, "models", "\"a\nb\"", "say where"},
                          {kProblem, "module", "none", ""}}),
            "ok       cores          2\n"
            "warning  models         \"a\\x0ab\"\n"
            "                        -> say where\n"
            "problem  module         none\n"
            "\n"
            "1 problem, 1 warning\n");
}

TEST(FindingTest, IsWrongWhereThereIsAProblem) {
  EXPECT_FALSE(HasProblem({{kOk, "a", "", ""}, {kWarning, "b", "", ""}}));
  EXPECT_TRUE(HasProblem({{kOk, "a", "", ""}, {kProblem, "b", "", ""}}));
}

TEST(FindingTest, IsAnObject) {
  EXPECT_EQ(FindingsJson({{kWarning, "a", "\"b\"", "c"}}),
            "{\"ok\": true, \"findings\": [{\"level\": \"warning\", "
            "\"subject\": \"a\", \"what\": \"\\\"b\\\"\", \"advice\": "
            "\"c\"}]}\n");
  EXPECT_THAT(FindingsJson({{kProblem, "a", "", ""}}),
              StartsWith("{\"ok\": false, "));
}

// Of a machine that has plenty, but for what is said.
Finding FindingOf(const std::string& subject, const SystemFacts& facts,
                  const Config& config = {}) {
  for (const Finding& finding : SystemFindings(facts, config)) {
    if (finding.subject == subject) return finding;
  }
  return {};
}

TEST(SystemFindingsTest, WarnsOfFewOpenFiles) {
  EXPECT_EQ(FindingOf("open files", {.open_files_max = 1280}).level, kOk);
  const Finding few = FindingOf("open files", {.open_files_max = 1279});
  EXPECT_EQ(few.level, kWarning);
  EXPECT_EQ(few.what, "at most 1279");
  EXPECT_THAT(few.advice, HasSubstr("raise the bound to 1280"));
  EXPECT_EQ(FindingOf("open files", {}).what, "no bound");
}

TEST(SystemFindingsTest, WarnsWhereRequestsMayTakeMostOfTheMemory) {
  EXPECT_EQ(FindingOf("memory", {.memory_bytes = 512 * kMebibyte}).level, kOk);
  const Finding little =
      FindingOf("memory", {.memory_bytes = 512 * kMebibyte - 1});
  EXPECT_EQ(little.level, kWarning);
  EXPECT_EQ(little.what, "511MiB");
  EXPECT_THAT(little.advice, HasSubstr("queue.total_bytes_max is 256MiB"));
}

TEST(SystemFindingsTest, TakesTheGroupsMemoryWhereItIsLess) {
  const Finding group = FindingOf("memory", {.memory_bytes = 4 * kGibibyte,
                                             .group_memory_bytes = kGibibyte});
  EXPECT_EQ(group.what, "4GiB, of which the control group allows 1GiB");
  EXPECT_EQ(group.level, kOk);
  EXPECT_EQ(FindingOf("memory", {.memory_bytes = 4 * kGibibyte,
                                 .group_memory_bytes = kMebibyte})
                .level,
            kWarning);
}

TEST(SystemFactsTest, AreReadHere) {
  const SystemFacts facts = ReadSystemFacts();
  EXPECT_GT(facts.num_cores, 0);
  EXPECT_GT(facts.memory_bytes.value_or(0), 0);
  EXPECT_NE(facts.system, "");
  EXPECT_NE(facts.kernel, "");
}

SelfTestVerdict Verdict() {
  SelfTestVerdict verdict;
  verdict.device = "mps:0";
  verdict.slots = verdict.slots_asked = verdict.slots_probed = 4;
  verdict.tested = {"a", "b"};
  return verdict;
}

TEST(DeviceFindingsTest, TellsWhatStoodTheTest) {
  SelfTestVerdict verdict = Verdict();
  verdict.libraries = {"libtorch 2.15.0"};
  const std::vector<Finding> findings = DeviceFindings("mps", verdict);
  EXPECT_FALSE(HasProblem(findings));
  EXPECT_THAT(
      FindingsText(findings),
      StartsWith("ok       backend        libtorch 2.15.0\n"
                 "ok       mps:0          4 slots\n"
                 "ok       mps:0 runs     a, b answered alike alone and "
                 "on 4 slots at once\n"));
}

TEST(DeviceFindingsTest, IsAProblemWhereRunsDisturbEachOther) {
  SelfTestVerdict verdict = Verdict();
  verdict.slots = 1;
  verdict.evidence = {"mps:0: self-test at 2 slots: the child was killed"};
  const std::vector<Finding> findings = DeviceFindings("mps", verdict);
  EXPECT_TRUE(HasProblem(findings));
  EXPECT_THAT(FindingsText(findings),
              HasSubstr("the child was killed\n                        -> set "
                        "devices[].slots of mps:0 to 1; "));
}

TEST(DeviceFindingsTest, WarnsOfFewerSlotsThanWereAskedFor) {
  SelfTestVerdict verdict = Verdict();
  verdict.slots = verdict.slots_probed = 1;
  verdict.cause = "it has one stream";
  verdict.tested.clear();
  verdict.untested = {{"c", "it declares no inputs"}};
  const std::vector<Finding> findings = DeviceFindings("mps", verdict);
  EXPECT_FALSE(HasProblem(findings));
  const std::string text = FindingsText(findings);
  EXPECT_THAT(text, HasSubstr("warning  mps:0          1 slot of 4 asked for: "
                              "it has one stream\n"));
  EXPECT_THAT(text, HasSubstr("warning  mps:0 runs     no model was run\n"));
  EXPECT_THAT(text, HasSubstr("c was not run: it declares no inputs\n"));
}

TEST(DeviceFindingsTest, IsAProblemWhereNothingWorks) {
  const std::vector<Finding> findings =
      DeviceFindings("mps", absl::UnavailableError("no such device"));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, kProblem);
  EXPECT_EQ(findings[0].subject, "mps");
  EXPECT_THAT(findings[0].advice, HasSubstr("weir selftest --device mps"));
}

TEST(PortFindingsTest, TellsWhoListensThere) {
  const std::vector<ListenAddress> addresses = {
      *ListenAddress::Parse("127.0.0.1:0")};
  const auto sockets = BindAll(addresses);
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  const std::string text = (*sockets)[0].binding().Text();
  const std::vector<Finding> findings =
      PortFindings({.grpc = {text, "localhost:0"}, .http = {}});
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].level, kProblem);
  EXPECT_EQ(findings[0].subject, text);
  EXPECT_THAT(findings[0].what, HasSubstr("(process "));
  EXPECT_EQ(findings[1].what, "free");
  EXPECT_EQ(findings[1].level, kOk);
}

TEST(PortFindingsTest, IsAProblemWhereTheAddressIsNotOurs) {
  const std::vector<Finding> findings =
      PortFindings({.grpc = {"192.0.2.1:0"}, .http = {}});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].level, kProblem);
}

TEST(EnvironmentFindingsTest, TellsNoValueOfWeirsVariables) {
  EXPECT_EQ(FindingsText(EnvironmentFindings({"found OMP_X=1"}, {"WEIR_A"})),
            "warning  environment    found OMP_X=1\n"
            "                        -> unset it, unless it is meant\n"
            "ok       environment    set, and above the file: WEIR_A\n"
            "\n"
            "0 problems, 1 warning\n");
  EXPECT_THAT(EnvironmentFindings({}, {})[0].advice, IsEmpty());
}

TEST(StatusFindingsTest, IsAProblemForEachLine) {
  EXPECT_EQ(StatusFindings("c", absl::OkStatus(), "right")[0].what, "right");
  const std::vector<Finding> findings =
      StatusFindings("c", absl::InvalidArgumentError("a\nb"), "right");
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].what, "a");
  EXPECT_EQ(findings[1].what, "b");
  EXPECT_EQ(findings[1].level, kProblem);
}

}  // namespace
}  // namespace weir
