#include <string>

#include "absl/strings/str_cat.h"
#include "config/config_yaml.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/random_config.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Shown(const std::string& file, const std::string& text,
                  const Environment& environment = {}) {
  const auto sourced = ParseSourcedConfig(file, text, environment);
  return sourced.ok() ? ToYaml(*sourced)
                      : std::string(sourced.status().message());
}

TEST(SourcedConfigTest, SaysWhereEachValueWasWritten) {
  const std::string shown =
      Shown("w.yaml", "queue: {requests_max: 7}\nlisten: {http: []}\n",
            {{"WEIR_DRAIN_GRACE", "5s"}});
  EXPECT_THAT(shown, HasSubstr("\n  requests_max: 7  # w.yaml:1:23\n"));
  EXPECT_THAT(shown, HasSubstr("\n  http: []  # w.yaml:2:16\n"));
  EXPECT_THAT(shown, HasSubstr("\n  grace: 5s  # WEIR_DRAIN_GRACE\n"));
}

TEST(SourcedConfigTest, SaysNothingOfDefaults) {
  EXPECT_EQ(Shown("w.yaml", ""), ToYaml(Config{}));
}

TEST(SourcedConfigTest, SaysTheVariableWhereItStandsAboveTheFile) {
  const std::string shown =
      Shown("w.yaml",
            "queue: {requests_max: 7}\n"
            "devices: [{device: cpu, slots: 3}, {device: mps}]\n",
            {{"WEIR_QUEUE_REQUESTS_MAX", "8"},
             {"WEIR_DEVICES", "[{device: fake:1}]"}});
  EXPECT_THAT(shown, Not(HasSubstr("w.yaml")));
  EXPECT_THAT(shown, HasSubstr("requests_max: 8  # WEIR_QUEUE_REQUESTS_MAX\n"));
  EXPECT_THAT(shown, HasSubstr("devices:  # WEIR_DEVICES\n"
                               "  - device: fake:1  # WEIR_DEVICES:1:11\n"
                               "    slots: auto\n"));
}

TEST(SourcedConfigTest, SaysWhereEachTextOfAMapWasWritten) {
  EXPECT_THAT(Shown("w.yaml", "backend:\n  environment:\n    OMP_X: '1'\n"),
              HasSubstr("  environment:\n    OMP_X: \"1\"  # w.yaml:3:12\n"));
}

TEST(SourcedConfigTest, KeepsAFilesNameInOneLine) {
  const std::string shown = Shown("w\nqueue: 1", "drain: {grace: 1s}\n");
  EXPECT_THAT(shown, HasSubstr("grace: 1s  # w\\nqueue: 1:1:16\n"));
}

// What is shown is a configuration, and the same one.
TEST(SourcedConfigTest, IsAValidConfiguration) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Config config = RandomConfig(seed);
    const std::string shown = Shown("w.yaml", ToYaml(config));
    const auto again = ParseConfig("again.yaml", shown);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(*again, config) << shown;
  }
}

}  // namespace
}  // namespace weir
