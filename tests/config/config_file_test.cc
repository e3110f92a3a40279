#include "config/config_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "config/config_yaml.h"
#include "config/yaml_node.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using testing::HasSubstr;

// A folder that goes with the test.
class ConfigFileTest : public testing::Test {
 public:
  ConfigFileTest() {
    std::string pattern = testing::TempDir() + "weir-config-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~ConfigFileTest() override { std::filesystem::remove_all(folder_); }

 protected:
  std::string Write(const std::string& name, const std::string& text) const {
    std::string path = folder_ + "/" + name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::string folder_;
};

TEST_F(ConfigFileTest, LoadsAFileUnderTheEnvironment) {
  const auto config = LoadConfig(Write("w.yaml", "queue: {requests_max: 9}"),
                                 {{"WEIR_QUEUE_LOOK_AHEAD_MAX", "3"}});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->queue.requests_max, 9);
  EXPECT_EQ(config->queue.look_ahead_max, 3);
}

TEST_F(ConfigFileTest, LoadsTheEnvironmentAloneWhereThereIsNoFile) {
  const Environment environment = {{"WEIR_QUEUE_LOOK_AHEAD_MAX", "3"}};
  const auto config = LoadConfig(std::nullopt, environment);
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->queue.look_ahead_max, 3);
  EXPECT_EQ(config->queue.requests_max, Config().queue.requests_max);
  const auto sourced = LoadSourcedConfig(std::nullopt, environment);
  ASSERT_TRUE(sourced.ok()) << sourced.status();
  EXPECT_EQ(sourced->config, *config);
}

TEST_F(ConfigFileTest, LoadsAModel) {
  const auto model = LoadModelConfig(Write("model.yaml", "weight: 2"));
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_EQ(model->weight, 2);
}

TEST_F(ConfigFileTest, NamesTheFileInItsErrors) {
  const std::string path = Write("w.yaml", "\nqueue: 5\n");
  EXPECT_THAT(std::string(LoadConfig(path, {}).status().message()),
              HasSubstr(path + ":2:8: queue: "));
}

TEST_F(ConfigFileTest, SaysThatThereIsNoSuchFile) {
  EXPECT_TRUE(absl::IsNotFound(LoadConfig(folder_ + "/none", {}).status()));
  EXPECT_TRUE(absl::IsNotFound(LoadModelConfig(folder_ + "/none").status()));
}

// SEC-19
TEST_F(ConfigFileTest, ReadsNoMoreThanTheLimit) {
  const std::string path = Write("w.yaml", std::string(3 * kYamlBytesMax, '#'));
  EXPECT_THAT(std::string(LoadConfig(path, {}).status().message()),
              HasSubstr(":1:1: larger than 1048576 bytes"));
  EXPECT_TRUE(
      LoadConfig(Write("x.yaml", std::string(kYamlBytesMax, '#')), {}).ok());
}

// SEC-19
TEST_F(ConfigFileTest, RefusesWhatIsNoRegularFile) {
  const std::string pipe = folder_ + "/pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  for (const std::string& path : {pipe, folder_, std::string("/dev/zero")}) {
    EXPECT_EQ(LoadConfig(path, {}).status(),
              absl::InvalidArgumentError(path + ": not a regular file"));
  }
}

// R49
TEST_F(ConfigFileTest, LoadsDefaultYamlAsTheDefaults) {
  const auto config = LoadConfig(WEIR_SOURCE_DIR "/config/default.yaml", {});
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(*config, Config{});
}

}  // namespace
}  // namespace weir
