#include "backend/self_test_verdict.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The facts of these lines, each without its `fact=`.
SelfTestRecord RecordOf(const std::vector<std::string>& lines,
                        std::optional<int> slots = 4) {
  SelfTestRecord record("auto", slots);
  for (const std::string& line : lines) {
    const absl::Status status = record.Add(*ParseSelfTestLine("fact=" + line));
    EXPECT_TRUE(status.ok()) << status;
  }
  return record;
}

std::vector<std::string> Until(const std::vector<std::string>& first,
                               const std::vector<std::string>& then) {
  std::vector<std::string> lines = first;
  lines.insert(lines.end(), then.begin(), then.end());
  return lines;
}

const std::vector<std::string>& Probing() {
  static const std::vector<std::string> lines = {
      "opening",       "device slots=4 name=mps:0",
      "probing",       "found slots=1",
      "found slots=2", "found slots=3"};
  return lines;
}

const std::vector<std::string>& Tested() {
  static const std::vector<std::string> lines =
      Until(Probing(), {"probed slots=3", "loading name=unet",
                        "alone name=unet", "tested name=unet"});
  return lines;
}

std::string Error(const absl::StatusOr<SelfTestVerdict>& verdict) {
  EXPECT_EQ(verdict.status().code(), absl::StatusCode::kUnavailable);
  return std::string(verdict.status().message());
}

TEST(SelfTestVerdictTest, TellsWhatTheBackendIsMadeOf) {
  const SelfTestVerdict verdict =
      *RecordOf({"opening", "library text=libtorch", "library text=other",
                 "device slots=1 name=cpu", "probing", "found slots=1",
                 "probed slots=1", "freeing", "end"},
                /*slots=*/1)
           .Judge(std::nullopt);
  EXPECT_THAT(verdict.libraries, ElementsAre("libtorch", "other"));
  EXPECT_TRUE(verdict.needs_files);
}

TEST(SelfTestVerdictTest, TellsThatModelsAreNoFiles) {
  const SelfTestVerdict verdict =
      *RecordOf({"opening", "scripted", "device slots=1 name=cpu", "probing",
                 "found slots=1", "probed slots=1", "freeing", "end"},
                /*slots=*/1)
           .Judge(std::nullopt);
  EXPECT_FALSE(verdict.needs_files);
}

TEST(SelfTestVerdictTest, KeepsSlotsThatStoodTheTest) {
  const SelfTestVerdict verdict =
      *RecordOf(Until(Tested(),
                      {"warning text=few", "together slots=2", "round slots=2",
                       "clean slots=2", "together slots=3", "clean slots=3",
                       "freeing", "end"}))
           .Judge(std::nullopt);
  EXPECT_EQ(verdict.slots, 3);
  EXPECT_TRUE(verdict.keeps_slots());
  EXPECT_EQ(verdict.device, "mps:0");
  EXPECT_EQ(verdict.cause, "few");
  EXPECT_THAT(verdict.tested, ElementsAre("unet"));
  EXPECT_THAT(verdict.evidence, ElementsAre("few"));
  EXPECT_EQ(verdict.counts.size(), 2);
}

TEST(SelfTestVerdictTest, FallsBackAtACrash) {
  const SelfTestVerdict verdict =
      *RecordOf(Until(Tested(), {"together slots=2"}))
           .Judge("was killed by SIGABRT");
  EXPECT_EQ(verdict.slots, 1);
  EXPECT_EQ(verdict.evidence[0],
            "mps:0: self-test at 2 slots: the child was killed by SIGABRT; "
            "using 1 slot");
  EXPECT_THAT(
      verdict.counts,
      ElementsAre(SelfTestCount{2, false, "the child was killed by SIGABRT"}));
}

TEST(SelfTestVerdictTest, FallsBackAtAWrongAnswer) {
  const SelfTestVerdict verdict =
      *RecordOf(Until(Tested(),
                      {"together slots=2", "clean slots=2", "together slots=3",
                       "wrong slots=3 name=unet text=lied", "freeing", "end"}))
           .Judge(std::nullopt);
  EXPECT_EQ(verdict.slots, 1);
  EXPECT_EQ(verdict.evidence[0],
            "mps:0: self-test at 3 slots: model \"unet\" lied; using 1 slot");
  EXPECT_TRUE(verdict.counts[0].is_clean);
  EXPECT_FALSE(verdict.counts[1].is_clean);
}

TEST(SelfTestVerdictTest, FallsBackWhereFreeingCrashes) {
  const SelfTestVerdict verdict =
      *RecordOf(
           Until(Tested(), {"together slots=2", "clean slots=2",
                            "together slots=3", "clean slots=3", "freeing"}))
           .Judge("exited with code 1");
  EXPECT_EQ(verdict.slots, 1);
  EXPECT_FALSE(verdict.keeps_slots());
}

TEST(SelfTestVerdictTest, FallsBackWhereNothingCouldBeTested) {
  const SelfTestVerdict verdict =
      *RecordOf(
           Until(Probing(), {"probed slots=3", "loading name=unet",
                             "untested name=unet text=odd", "freeing", "end"}))
           .Judge(std::nullopt);
  EXPECT_EQ(verdict.slots, 1);
  EXPECT_THAT(verdict.untested, ElementsAre(SelfTestUntested{"unet", "odd"}));
  EXPECT_EQ(verdict.evidence[0],
            "mps:0: self-test: no model could be run on several slots; "
            "using 1 slot");
}

TEST(SelfTestVerdictTest, FallsBackWhereTheLastSlotsWereNotTried) {
  const SelfTestVerdict verdict =
      *RecordOf(Until(Tested(),
                      {"together slots=2", "clean slots=2", "freeing", "end"}))
           .Judge(std::nullopt);
  EXPECT_EQ(verdict.slots, 1);
}

TEST(SelfTestVerdictTest, KeepsTheOneSlotThatThereIs) {
  const SelfTestVerdict verdict =
      *RecordOf({"opening", "device slots=1 name=mps", "probing",
                 "found slots=1", "probed slots=1", "freeing", "end"},
                std::nullopt)
           .Judge(std::nullopt);
  EXPECT_EQ(verdict.slots, 1);
  EXPECT_TRUE(verdict.keeps_slots());
  EXPECT_EQ(verdict.cause, "as configured");
  EXPECT_THAT(verdict.evidence, IsEmpty());
}

TEST(SelfTestVerdictTest, IsNoneWhereOneSlotDoesNotWork) {
  const std::vector<std::string> loading =
      Until(Probing(), {"probed slots=3", "loading name=unet"});
  EXPECT_EQ(Error(RecordOf({"opening"}).Judge("died")),
            "auto: self-test: the child died while it opened the backend's "
            "module");
  EXPECT_EQ(Error(RecordOf(Probing()).Judge("died")),
            "mps:0: self-test: the child died in the probe, after 3 slots");
  EXPECT_EQ(Error(RecordOf(loading).Judge("died")),
            "mps:0: self-test: the child died while it loaded model \"unet\"");
  EXPECT_EQ(Error(RecordOf(Until(loading, {"alone name=unet"})).Judge("died")),
            "mps:0: self-test: the child died while model \"unet\" ran alone");
  EXPECT_EQ(Error(RecordOf({"opening", "error text=no", "freeing", "end"})
                      .Judge(std::nullopt)),
            "auto: self-test: no");
}

TEST(SelfTestVerdictTest, KnowsWhatMayTakeLong) {
  EXPECT_TRUE(SelfTestRecord("cpu", 1).is_loading());
  EXPECT_FALSE(RecordOf(Probing()).is_loading());
  EXPECT_TRUE(RecordOf(Probing()).is_probing());
  EXPECT_FALSE(RecordOf(Tested()).is_probing());
  EXPECT_FALSE(RecordOf(Tested()).is_loading());
}

// A line that cannot come after others, as a child that is not ours would send.
struct Impossible {
  std::vector<std::string> before;
  const char* line;
};

class SelfTestImpossibleTest : public testing::TestWithParam<Impossible> {};

TEST_P(SelfTestImpossibleTest, IsRefused) {
  SelfTestRecord record = RecordOf(GetParam().before);
  const absl::Status status =
      record.Add(*ParseSelfTestLine(std::string("fact=") + GetParam().line));
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, SelfTestImpossibleTest,
    testing::Values(
        Impossible{{}, "end"}, Impossible{{}, "probing"},
        Impossible{{}, "found slots=1"},
        Impossible{{}, "device slots=5 name=mps"},
        Impossible{{}, "device slots=4"},
        Impossible{Probing(), "found slots=3"},
        Impossible{Probing(), "found slots=5"},
        Impossible{Probing(), "device slots=4 name=mps"},
        Impossible{Probing(), "probed slots=5"},
        Impossible{Probing(), "probed"},
        Impossible{Probing(), "together slots=2"},
        Impossible{Probing(), "loading name=unet"},
        Impossible{Tested(), "tested name=unet"},
        Impossible{Tested(), "untested name=unet"},
        Impossible{Tested(), "alone name=unet"},
        Impossible{Tested(), "library text=late"},
        Impossible{Tested(), "scripted"},
        Impossible{std::vector<std::string>(64, "library text=a"),
                   "library text=b"},
        Impossible{Tested(), "opening"}, Impossible{{}, "untested name=unet"},
        Impossible{Tested(), "together slots=1"},
        Impossible{Tested(), "together slots=4"},
        Impossible{Tested(), "clean slots=2"},
        Impossible{Until(Tested(), {"together slots=2"}),
                   "wrong slots=2 name=other"},
        Impossible{Until(Tested(), {"together slots=2"}), "clean slots=3"},
        Impossible{Until(Tested(), {"together slots=2", "clean slots=2"}),
                   "clean slots=2"},
        Impossible{Until(Tested(), {"together slots=2", "clean slots=2"}),
                   "together slots=2"},
        Impossible{Until(Tested(), {"together slots=2", "clean slots=2"}),
                   "loading name=late"},
        Impossible{
            Until(Tested(), {"together slots=2", "wrong slots=2 name=unet"}),
            "together slots=3"},
        Impossible{Until(Tested(), {"freeing", "error text=a"}),
                   "error text=b"}));

TEST(SelfTestVerdictTest, TakesSoManyLinesAndNoMore) {
  SelfTestRecord record("cpu", 1);
  absl::Status status;
  int num_lines = 0;
  while (status.ok()) {
    status = record.Add({.kind = SelfTestFactKind::kOpening});
    ++num_lines;
  }
  EXPECT_EQ(num_lines, kSelfTestLinesMax + 1);
}

}  // namespace
}  // namespace weir
