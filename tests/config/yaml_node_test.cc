#include "config/yaml_node.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  const auto root = ParseYaml("f.yaml", text);
  return root.ok() ? "accepted" : std::string(root.status().message());
}

TEST(YamlNodeTest, KeepsOrderTextAndPlaces) {
  const auto root = ParseYaml("f.yaml", "b: 1\na: [x, 'y']\n");
  ASSERT_TRUE(root.ok()) << root.status();
  ASSERT_EQ(root->children.size(), 2U);
  EXPECT_EQ(root->children[0].key, "b");
  EXPECT_EQ(root->children[0].text, "1");
  const YamlNode& list = root->children[1];
  EXPECT_EQ(list.key_line, 2);
  EXPECT_EQ(list.key_column, 1);
  ASSERT_EQ(list.children.size(), 2U);
  EXPECT_EQ(list.children[1].text, "y");
  EXPECT_EQ(list.children[1].line, 2);
  EXPECT_EQ(list.children[1].column, 8);
}

TEST(YamlNodeTest, TellsQuotedTextFromPlain) {
  const auto root = ParseYaml("f.yaml", "[1, '1', \"1\", ~]\n");
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_FALSE(root->children[0].is_quoted);
  EXPECT_TRUE(root->children[1].is_quoted);
  EXPECT_TRUE(root->children[2].is_quoted);
  EXPECT_EQ(root->children[3].type, YamlNode::Type::kNull);
}

TEST(YamlNodeTest, TakesBlocksAndWindowsLineEnds) {
  const auto root = ParseYaml("f.yaml", "a: |\r\n  one\r\n  two\r\nb: 2\r\n");
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_EQ(root->children[0].text, "one\ntwo\n");
  EXPECT_EQ(root->children[1].text, "2");
}

TEST(YamlNodeTest, IsNullWhereNothingIsWritten) {
  for (const char* text : {"", "\n\n", "# only this\n", "---\n", "~"}) {
    const auto root = ParseYaml("f.yaml", text);
    ASSERT_TRUE(root.ok()) << root.status();
    EXPECT_EQ(root->type, YamlNode::Type::kNull) << text;
  }
}

// SEC-19
TEST(YamlNodeTest, RefusesADuplicateKeyWithBothLines) {
  EXPECT_EQ(ErrorOf("a: 1\nb: 2\na: 3\n"),
            "f.yaml:3:1: a: this key is written twice, first in line 1");
  EXPECT_EQ(ErrorOf("x:\n  - {k: 1, \"k\": 2}\n"),
            "f.yaml:2:12: x[0].k: this key is written twice, first in line 2");
}

TEST(YamlNodeTest, AllowsTheSameKeyInTwoMaps) {
  EXPECT_EQ(ErrorOf("a: {k: 1}\nb: {k: 1}\n"), "accepted");
  EXPECT_EQ(ErrorOf("- {k: 1}\n- {k: 1}\n"), "accepted");
}

// SEC-19
TEST(YamlNodeTest, RefusesAnchorsAndAliases) {
  for (const char* text : {"a: &x 1", "a: &x", "a: &x [1]", "a: &x {b: 1}",
                           "&x a: 1", "&x [1]", "? &x a\n: 1", "a: &x \"1\""}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("anchors are not allowed")) << text;
  }
  EXPECT_THAT(ErrorOf("a: *x"), HasSubstr("f.yaml:1:4: not YAML"));
}

// SEC-19
TEST(YamlNodeTest, RefusesTags) {
  for (const char* text :
       {"a: !!int 5", "a: !x 5", "a: ! 5", "a: !!null", "a: !x [1]",
        "a: !x {b: 1}", "!x a: 1", "a: !<tag:yaml.org,2002:str> 5",
        "%TAG ! tag:x,1:\n---\na: !y 5"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("tags are not allowed")) << text;
  }
}

// SEC-19
TEST(YamlNodeTest, RefusesMoreThanOneDocument) {
  for (const char* text : {"a: 1\n---\nb: 2\n", "a: 1\n...\nb: 2\n", "{a: 1} b",
                           "{a: b},", "- a\nb: c\n", "---\n---\n"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("more than one document")) << text;
  }
}

// SEC-19
TEST(YamlNodeTest, RefusesAKeyThatIsNoText) {
  for (const char* text :
       {"? [a]\n: 1", "? {a: b}\n: 1", "~: 1", ": 1", "{[a]: 1}", "[[a]: 1]"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("a key must be text")) << text;
  }
}

// SEC-19
TEST(YamlNodeTest, SaysWhereWhatIsNoYamlBreaks) {
  EXPECT_THAT(ErrorOf("a: 1\nb: [2\n"), HasSubstr("f.yaml:3:1: not YAML: "));
  EXPECT_THAT(ErrorOf("a: b: c"), HasSubstr("f.yaml:1:5: not YAML: "));
  EXPECT_THAT(ErrorOf("a: \"x"), HasSubstr("f.yaml:1:6: not YAML: "));
}

// SEC-19
TEST(YamlNodeTest, RefusesBytesThatAreNoText) {
  EXPECT_EQ(ErrorOf("a: 1\nb: \xFF\n"),
            "f.yaml:2:4: this byte is not UTF-8 text; got \"\\xff\"");
  EXPECT_EQ(ErrorOf(std::string("a\0b", 3)),
            "f.yaml:1:2: this byte is not UTF-8 text; got \"\\x00\"");
  // yaml-cpp drops a lone carriage return, and would read 1b.
  EXPECT_EQ(ErrorOf("a: 1\rb"),
            "f.yaml:1:5: this byte is not UTF-8 text; got \"\\r\"");
}

}  // namespace
}  // namespace weir
