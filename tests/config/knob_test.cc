#include "config/knob.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "config/config_yaml.h"
#include "config/environment.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

Knob Find(const std::vector<Knob>& knobs, const std::string& path) {
  const auto found =
      std::find_if(knobs.begin(), knobs.end(),
                   [&](const Knob& knob) { return knob.path == path; });
  EXPECT_NE(found, knobs.end()) << path;
  return found == knobs.end() ? Knob{} : *found;
}

TEST(KnobTest, TellsAllThatTheTableSays) {
  const Knob knob = Find(ConfigKnobs(), "queue.requests_max");
  EXPECT_THAT(knob.description, StartsWith("Requests that may wait"));
  EXPECT_EQ(knob.allowed, "1 to 1048576");
  EXPECT_EQ(knob.default_text, "512");
  EXPECT_EQ(knob.variable, "WEIR_QUEUE_REQUESTS_MAX");
  EXPECT_FALSE(knob.holds_others);
}

TEST(KnobTest, WritesDefaultsAsTheFileDoes) {
  const std::vector<Knob> knobs = ConfigKnobs();
  EXPECT_EQ(Find(knobs, "listen.grpc").default_text, "[localhost:8001]");
  EXPECT_EQ(Find(knobs, "backend.environment").default_text, "{}");
  EXPECT_EQ(Find(knobs, "queue.bytes_max").default_text, "128MiB");
  EXPECT_EQ(Find(knobs, "devices[].slots").default_text, "auto");
}

TEST(KnobTest, TellsTheVariableOfTheListThatAnEntryIsIn) {
  const std::vector<Knob> knobs = ConfigKnobs();
  EXPECT_EQ(Find(knobs, "devices").variable, "WEIR_DEVICES");
  EXPECT_TRUE(Find(knobs, "devices").holds_others);
  EXPECT_EQ(Find(knobs, "devices[].slots").variable, "WEIR_DEVICES");
}

TEST(KnobTest, HasEveryVariableThatThereIs) {
  std::set<std::string> variables;
  for (const Knob& knob : ConfigKnobs()) {
    if (!knob.variable.empty()) variables.insert(knob.variable);
  }
  const std::vector<std::string> names = EnvironmentNames();
  EXPECT_EQ(variables, std::set<std::string>(names.begin(), names.end()));
}

TEST(KnobTest, ListsAGroupBeforeWhatItHolds) {
  const std::vector<Knob> knobs = ConfigKnobs();
  EXPECT_EQ(knobs[0].path, "listen");
  EXPECT_THAT(knobs[0].variable, IsEmpty());
  EXPECT_TRUE(knobs[0].holds_others);
  EXPECT_EQ(knobs[1].path, "listen.grpc");
}

TEST(KnobTest, TellsWhatAModelYamlMaySay) {
  const std::vector<Knob> knobs = ModelKnobs();
  EXPECT_EQ(Find(knobs, "device").default_text, "[auto]");
  EXPECT_EQ(Find(knobs, "inputs[].datatype").default_text, "");
  EXPECT_EQ(Find(knobs, "batch.delay_max").default_text, "0s");
  EXPECT_TRUE(Find(knobs, "batch").holds_others);
  for (const Knob& knob : knobs) EXPECT_EQ(knob.variable, "") << knob.path;
}

// What is said to be the default changes nothing.
TEST(KnobTest, TellsDefaultsThatAreSo) {
  for (const Knob& knob : ConfigKnobs()) {
    if (knob.holds_others || knob.path.find("[]") != std::string::npos) {
      continue;
    }
    const auto config =
        ParseConfig("", "", {{knob.variable, knob.default_text}});
    ASSERT_TRUE(config.ok()) << config.status();
    EXPECT_EQ(*config, Config{}) << knob.path;
  }
}

}  // namespace
}  // namespace weir
