#include "backend/self_test.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backend/fake/fake_backend.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/simulated_clock.h"
#include "sync/thread.h"
#include "tests/support/counting_clock.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using Kind = SelfTestFactKind;
using Options = std::map<std::string, std::string>;

ModelSource SourceOf(const std::string& name, Options options) {
  ModelSource source{.name = name};
  source.config.inputs = {{.name = "x", .datatype = "FP32", .shape = {-1, 4}}};
  options.insert({"compute", "affine"});
  source.config.backend_options = std::move(options);
  return source;
}

class SelfTestTest : public testing::Test {
 protected:
  void Run(const SelfTestOptions& options) {
    RunSelfTest(backend_, options, clock_, [&](const SelfTestFact& fact) {
      lines_.push_back(ToLine(fact));
      facts_.push_back(fact);
      EXPECT_TRUE(ParseSelfTestLine(lines_.back()).ok());
    });
  }
  std::vector<SelfTestFact> Facts(Kind kind) const {
    std::vector<SelfTestFact> found;
    std::copy_if(facts_.begin(), facts_.end(), std::back_inserter(found),
                 [&](const SelfTestFact& fact) { return fact.kind == kind; });
    return found;
  }
  // Moves the clock on whenever so many more runs are in their delays.
  void LetRun(const std::vector<int>& runs_at_once) {
    int num_begun = 0;
    for (const int num_runs : runs_at_once) {
      num_begun += num_runs;
      clock_.AwaitBegun(num_begun);
      time_.Advance(milliseconds(1));
    }
  }

  SimulatedClock time_;
  CountingClock clock_{time_};
  FakeBackend backend_{{.devices = {{.num_streams = 6}}}, clock_};
  std::vector<SelfTestFact> facts_;
  std::vector<std::string> lines_;
};

TEST(SelfTestStepsTest, GoFromTwoToAll) {
  EXPECT_THAT(SelfTestSteps(1), IsEmpty());
  EXPECT_THAT(SelfTestSteps(2), ElementsAre(2));
  EXPECT_THAT(SelfTestSteps(3), ElementsAre(2, 3));
  EXPECT_THAT(SelfTestSteps(5), ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(SelfTestSteps(8), ElementsAre(2, 3, 4, 6, 8));
  EXPECT_EQ(SelfTestSteps(1024).size(), 19);
}

TEST_F(SelfTestTest, TellsAllThatItDoes) {
  Run({.slots = 3, .models = {SourceOf("m", {})}, .rounds = 1});
  EXPECT_THAT(lines_,
              ElementsAre("fact=device slots=3 name=fake:0", "fact=probing",
                          "fact=found slots=1", "fact=found slots=2",
                          "fact=found slots=3", "fact=probed slots=3",
                          "fact=loading name=m", "fact=alone name=m",
                          "fact=tested name=m", "fact=together slots=2",
                          "fact=round slots=2", "fact=clean slots=2",
                          "fact=together slots=3", "fact=round slots=3",
                          "fact=clean slots=3", "fact=freeing", "fact=end"));
  EXPECT_EQ(backend_.FreeCount(), 1);
}

TEST_F(SelfTestTest, TakesTheSlotsOfTheBackendWhereNoneAreAskedFor) {
  Run({.models = {SourceOf("m", {})}, .rounds = 1});
  EXPECT_EQ(Facts(Kind::kDevice)[0].slots, 2);
}

TEST_F(SelfTestTest, TellsWhyThereAreFewerSlots) {
  Run({.slots = 7});
  EXPECT_EQ(Facts(Kind::kProbed)[0].slots, 6);
  EXPECT_THAT(Facts(Kind::kWarning)[0].text, HasSubstr("6 distinct streams"));
}

TEST_F(SelfTestTest, TellsADeviceThatIsNotThere) {
  Run({.device = "mps", .slots = 2});
  EXPECT_EQ(Facts(Kind::kError)[0].text,
            "no such device: mps; the backend has: fake:0");
  EXPECT_EQ(facts_.back().kind, Kind::kEnd);
}

TEST_F(SelfTestTest, TakesAKindOfDeviceForItsFirst) {
  Run({.device = "fake", .slots = 2});
  EXPECT_EQ(Facts(Kind::kProbed)[0].slots, 2);
}

TEST_F(SelfTestTest, RunsEachModelOnAllSlots) {
  const std::vector<ModelSource> models = {
      SourceOf("a", {{"scale", "3"}}), SourceOf("b", {{"compute", "row_sum"}})};
  Run({.slots = 6, .models = models, .rounds = 4});
  EXPECT_EQ(Facts(Kind::kClean).size(), 4);
  EXPECT_EQ(backend_.RunCount(), 2 * 3 + 4 * (2 + 3 + 4 + 6));
  for (const char* model : {"a", "b"}) {
    std::set<int> slots;
    for (const FakeStep& step : backend_.Log()) {
      if (step.model == model) slots.insert(step.slot);
    }
    EXPECT_EQ(slots.size(), 6) << model;
  }
}

TEST_F(SelfTestTest, FindsAnAnswerThatDiffersFromRunningAlone) {
  const ModelSource thin =
      SourceOf("thin", {{"delay", "1ms"}, {"overlap", "corrupts"}});
  Thread time("time", [&] { LetRun({1, 1, 1, 2}); });
  Run({.slots = 4, .models = {thin}, .rounds = 3});
  const std::vector<SelfTestFact> wrong = Facts(Kind::kWrong);
  ASSERT_EQ(wrong.size(), 1);
  EXPECT_EQ(wrong[0].slots, 2);
  EXPECT_EQ(wrong[0].name, "thin");
  EXPECT_THAT(wrong[0].text, StartsWith("answered otherwise than alone: "
                                        "output \"x\" differed at element 0"));
  EXPECT_EQ(Facts(Kind::kTogether).size(), 1) << "the first one ends it";
  EXPECT_EQ(facts_.back().kind, Kind::kEnd);
}

TEST_F(SelfTestTest, FindsWhatGoesWrongAtThreeSlotsAlone) {
  const ModelSource thin = SourceOf(
      "thin",
      {{"delay", "1ms"}, {"overlap", "corrupts"}, {"overlap_runs", "3"}});
  Thread time("time", [&] { LetRun({1, 1, 1, 2, 3}); });
  Run({.slots = 4, .models = {thin}, .rounds = 1});
  EXPECT_EQ(Facts(Kind::kClean)[0].slots, 2);
  EXPECT_EQ(Facts(Kind::kWrong)[0].slots, 3);
}

TEST_F(SelfTestTest, FindsARunThatFails) {
  Run({.slots = 2, .models = {SourceOf("m", {{"fails_at", "5"}})}});
  EXPECT_EQ(Facts(Kind::kWrong)[0].text, "failed: scripted: this run fails");
}

TEST_F(SelfTestTest, FindsARunThatBreaksItsSlot) {
  Run({.slots = 2, .models = {SourceOf("m", {{"faults_at", "5"}})}});
  EXPECT_EQ(Facts(Kind::kWrong)[0].text, "broke its slot");
  EXPECT_EQ(backend_.DropCount(), 1) << "nothing is freed on it any more";
}

TEST_F(SelfTestTest, EndsWhereARunAloneBreaksTheSlot) {
  Run({.slots = 2, .models = {SourceOf("m", {{"faults_at", "1"}})}});
  EXPECT_THAT(Facts(Kind::kError)[0].text, HasSubstr("broke the slot"));
  EXPECT_THAT(Facts(Kind::kTogether), IsEmpty());
}

TEST_F(SelfTestTest, RunsTheBatchesOfTheWarmUp) {
  ModelSource source = SourceOf("m", {});
  source.config.warm_up = {1, 32};
  Run({.slots = 2, .models = {source}, .rounds = 2});
  std::set<int64_t> rows;
  for (const FakeStep& step : backend_.Log()) rows.insert(step.rows);
  EXPECT_THAT(rows, ElementsAre(0, 1, 32)) << "0: loading and freeing";
}

TEST_F(SelfTestTest, KeepsToTheModelsOwnBound) {
  const ModelSource serial =
      SourceOf("serial", {{"runs_max", "1"}, {"overlap", "corrupts"}});
  Run({.slots = 6, .models = {serial}, .rounds = 2});
  EXPECT_EQ(Facts(Kind::kClean).size(), 4);
  EXPECT_EQ(backend_.RunCount(), 3 + 4 * 2);
}

// Why a model takes no part: its source, and a piece of the sentence.
struct Untested {
  std::function<void(ModelSource&)> change;
  const char* why;
};

class SelfTestUntestedTest : public SelfTestTest,
                             public testing::WithParamInterface<Untested> {};

TEST_P(SelfTestUntestedTest, TellsThatAndRunsTheOthers) {
  ModelSource source = SourceOf("odd", {});
  GetParam().change(source);
  Run({.slots = 2, .models = {source, SourceOf("m", {})}, .rounds = 1});
  ASSERT_EQ(Facts(Kind::kUntested).size(), 1);
  EXPECT_EQ(Facts(Kind::kUntested)[0].name, "odd");
  EXPECT_THAT(Facts(Kind::kUntested)[0].text, HasSubstr(GetParam().why));
  EXPECT_EQ(Facts(Kind::kTested)[0].name, "m");
  EXPECT_EQ(Facts(Kind::kClean).size(), 1);
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, SelfTestUntestedTest,
    testing::Values(
        Untested{[](ModelSource& s) { s.config.inputs.clear(); },
                 "declares no inputs"},
        Untested{[](ModelSource& s) { s.config.inputs[0].datatype = "BYTES"; },
                 "of datatype BYTES"},
        Untested{[](ModelSource& s) { s.config.stateful = true; },
                 "keeps state"},
        Untested{[](ModelSource& s) {
                   s.config.backend_options["corrupts_every"] = "2";
                 },
                 "each time it runs alone"},
        Untested{[](ModelSource& s) {
                   s.config.backend_options["load_fails_at"] = "1";
                 },
                 "this load fails"},
        Untested{[](ModelSource& s) { s.config.backend_options["sleep"] = ""; },
                 "unknown backend option"},
        Untested{[](ModelSource& s) {
                   s.config.backend_options["fails_every"] = "1";
                 },
                 "this run fails"}));

TEST_F(SelfTestTest, RunsNothingTogetherWithoutAModelToTest) {
  Run({.slots = 2});
  EXPECT_THAT(Facts(Kind::kTogether), IsEmpty());
  EXPECT_EQ(facts_.back().kind, Kind::kEnd);
}

}  // namespace
}  // namespace weir
