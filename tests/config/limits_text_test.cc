#include "config/limits_text.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "config/config.h"
#include "config/knob.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

TEST(LimitsTextTest, HasARowForEveryKnob) {
  const std::string text = LimitsText();
  for (const auto& knobs : {ConfigKnobs(), ModelKnobs()}) {
    for (const Knob& knob : knobs) {
      if (knob.holds_others) continue;
      EXPECT_THAT(text, HasSubstr(absl::StrCat("\n| `", knob.path, "` | ")));
    }
  }
  EXPECT_THAT(text, HasSubstr("| `queue.requests_max` | `512` | 1 to 1048576 | "
                              "Requests that may wait for one model; one more "
                              "is refused with a time to retry after. |\n"));
}

TEST(LimitsTextTest, SaysHowManyEntriesAListMayHave) {
  EXPECT_THAT(LimitsText(), HasSubstr("\n| `devices` |  | 1 to 64 entries "
                                      "| The devices to run on"));
}

TEST(LimitsTextTest, SaysWhatNoKnobMoves) {
  EXPECT_THAT(LimitsText(),
              HasSubstr(absl::StrCat("| slots of a device | ", kSlotsHardMax,
                                     " | refused |\n")));
}

TEST(LimitsTextTest, SaysWhatHappensWhenAllSlotsAreTaken) {
  const std::string policy = PolicyText();
  EXPECT_THAT(policy, HasSubstr("at most 512 and 128MiB\nfor each model"));
  EXPECT_THAT(policy, HasSubstr("refused\nat once, with RESOURCE_EXHAUSTED"));
  for (const absl::string_view line : absl::StrSplit(policy, '\n')) {
    EXPECT_LE(line.size(), 80U) << line;
  }
}

// Nothing in a cell ends it.
TEST(LimitsTextTest, HasTheSameCellsInEveryRow) {
  for (const auto& knobs : {ConfigKnobs(), ModelKnobs()}) {
    for (const Knob& knob : knobs) {
      EXPECT_EQ(absl::StrCat(knob.default_text, knob.allowed, knob.description)
                    .find_first_of("|\n"),
                std::string::npos)
          << knob.path;
    }
  }
}

}  // namespace
}  // namespace weir
