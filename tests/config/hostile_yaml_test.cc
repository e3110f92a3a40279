// Texts made to exhaust something: memory, the stack, time.
#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "config/config_yaml.h"
#include "config/yaml_node.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Repeat(const std::string& unit, size_t size) {
  std::string text;
  text.reserve(size + unit.size());
  while (text.size() + unit.size() <= size) text += unit;
  return text;
}

std::string Nested(size_t depth) {
  return Repeat("[", depth) + Repeat("]", depth);
}

std::string ErrorOf(const std::string& text) {
  const auto root = ParseYaml("f.yaml", text);
  return root.ok() ? "accepted" : std::string(root.status().message());
}

// SEC-19
TEST(HostileYamlTest, BoundsTheDepth) {
  EXPECT_EQ(ErrorOf(Nested(kYamlDepthMax)), "accepted");
  EXPECT_EQ(ErrorOf(Nested(kYamlDepthMax + 1)),
            "f.yaml:1:17: [0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]: "
            "nested deeper than 16");
}

// SEC-19
TEST(HostileYamlTest, BoundsTheSize) {
  const std::string text = Repeat("# a comment\n", kYamlBytesMax);
  const std::string rest(kYamlBytesMax - text.size(), '#');
  EXPECT_EQ(ErrorOf(text + rest), "accepted");
  EXPECT_EQ(ErrorOf(text + rest + "#"),
            "f.yaml:1:1: larger than 1048576 bytes");
}

// SEC-19
TEST(HostileYamlTest, BoundsTheNumberOfNodes) {
  // The list is a node too.
  EXPECT_EQ(ErrorOf(Repeat("- a\n", 4 * (kYamlNodesMax - 1))), "accepted");
  EXPECT_EQ(ErrorOf(Repeat("- a\n", 4 * kYamlNodesMax)),
            "f.yaml:65536:3: [65535]: more than 65536 keys and values in one "
            "file");
}

// SEC-19
TEST(HostileYamlTest, CountsKeysAsNodes) {
  std::string map;
  const size_t num_entries = (kYamlNodesMax - 1) / 2;
  for (size_t i = 0; i < num_entries; ++i) map += std::to_string(i) + ": a\n";
  EXPECT_EQ(ErrorOf(map), "accepted");
  EXPECT_THAT(ErrorOf(map + "x: a\n"),
              HasSubstr("more than 65536 keys and values"));
}

// SEC-19
TEST(HostileYamlTest, RefusesAnAliasBomb) {
  std::string bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string last = absl::StrCat("*a", i - 1);
    const std::string name = absl::StrCat("a", i);
    absl::StrAppend(&bomb, name, ": &", name, " [", last, ", ", last, "]\n");
  }
  EXPECT_EQ(ErrorOf(bomb),
            "f.yaml:1:5: a0: anchors are not allowed; write the value out");
}

// Each as large as a file may be.
class HostileTextTest : public testing::TestWithParam<std::string> {};

// SEC-19
TEST_P(HostileTextTest, IsRefusedWithALine) {
  const std::string text = Repeat(GetParam(), kYamlBytesMax);
  const auto config = ParseConfig("f.yaml", text);
  ASSERT_FALSE(config.ok());
  EXPECT_THAT(std::string(config.status().message()), StartsWith("f.yaml:"));
  EXPECT_LT(config.status().message().size(), 4096U);
}

INSTANTIATE_TEST_SUITE_P(
    Unit, HostileTextTest,
    testing::Values("[", "{", "{a: ", "[a: ", "- ", "- - - ", "? ", ": ", "[\n",
                    "{\n", "a: ", "a ", "a: b\n", "- a\n", "[],", "{a: b},",
                    "--- ", "---\n", "%YAML 1.2\n", "&a ", "*a ", "!a ", "\"",
                    "'x", "| \n", "> ", "a,", "? a\n", "x: [a]\n"));

}  // namespace
}  // namespace weir
