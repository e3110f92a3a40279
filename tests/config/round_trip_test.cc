#include <cstdint>
#include <string>

#include "config/config_yaml.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/config/random_config.h"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr uint64_t kNumSeeds = 500;

TEST(RoundTripTest, ReadsBackEveryConfigThatIsPrinted) {
  for (uint64_t seed = 0; seed < kNumSeeds; ++seed) {
    const Config config = RandomConfig(seed);
    const auto again = ParseConfig("printed.yaml", ToYaml(config));
    ASSERT_TRUE(again.ok()) << "seed " << seed << ": " << again.status();
    ASSERT_EQ(*again, config) << "seed " << seed << "\n" << ToYaml(config);
  }
}

TEST(RoundTripTest, ReadsBackEveryModelThatIsPrinted) {
  for (uint64_t seed = 0; seed < kNumSeeds; ++seed) {
    const ModelConfig model = RandomModelConfig(seed);
    const auto again = ParseModelConfig("printed.yaml", ToYaml(model));
    ASSERT_TRUE(again.ok()) << "seed " << seed << ": " << again.status() << "\n"
                            << ToYaml(model);
    ASSERT_EQ(*again, model) << "seed " << seed << "\n" << ToYaml(model);
  }
}

// R49
TEST(RoundTripTest, ReadsDefaultYamlAsTheDefaults) {
  const auto config = ParseConfig("default.yaml", DefaultYaml());
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(*config, Config{});
}

TEST(RoundTripTest, DescribesEveryKeyInDefaultYaml) {
  const std::string yaml = DefaultYaml();
  EXPECT_THAT(yaml, HasSubstr("\n  # Requests that may wait for one model; "));
  EXPECT_THAT(yaml, HasSubstr("\n  - # The device to run on; "));
  EXPECT_THAT(ToYaml(Config{}), Not(HasSubstr("#")));
  size_t start = 0;
  for (size_t end; (end = yaml.find('\n', start)) != std::string::npos;) {
    EXPECT_LE(end - start, 80U) << yaml.substr(start, end - start);
    start = end + 1;
  }
}

TEST(RoundTripTest, QuotesOnlyWhatNeedsIt) {
  ModelConfig config;
  config.backend_options = {{"path", "/opt/weir/model"}, {"text", "null"}};
  EXPECT_THAT(ToYaml(config), HasSubstr("path: /opt/weir/model\n"));
  EXPECT_THAT(ToYaml(config), HasSubstr("text: \"null\"\n"));
  config.devices = {"cuda:0"};
  EXPECT_THAT(ToYaml(config), HasSubstr("device: [cuda:0]\n"));
}

}  // namespace
}  // namespace weir
