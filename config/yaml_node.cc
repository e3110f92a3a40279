#include "config/yaml_node.h"

#include <algorithm>
#include <exception>
#include <map>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "config/config_error.h"
#include "config/status_macros.h"
#include "config/utf8.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/exceptions.h"
#include "yaml-cpp/mark.h"
#include "yaml-cpp/parser.h"

namespace weir {
namespace {

// Stops yaml-cpp from inside one of its events. Never leaves this file.
struct Refusal {
  ConfigError error;
};

// Builds the tree from yaml-cpp's events, which come before yaml-cpp descends:
// a text that is nested too deeply is refused before any stack grows.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(absl::string_view file, absl::string_view text)
      : file_(file), text_(text) {}

  YamlNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (num_documents_++ > 0) {
      Refuse(mark, "more than one document; a configuration is one");
    }
  }
  void OnDocumentEnd() override {}

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    static_cast<void>(anchor);
    Refuse(mark, "aliases are not allowed; write the value out");
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    CheckPlain(mark, "?", anchor);
    if (IsKeyNext()) Refuse(mark, "a key must be text");
    Add(MakeNode(YamlNode::Type::kNull, mark));
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag,
                YAML::anchor_t anchor, const std::string& value) override {
    CheckPlain(mark, tag, anchor);
    if (IsKeyNext()) {
      TakeKey(mark, value);
      return;
    }
    YamlNode node = MakeNode(YamlNode::Type::kScalar, mark);
    node.text = value;
    node.is_quoted = tag == "!";
    Add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    static_cast<void>(style);
    Open(YamlNode::Type::kList, mark, tag, anchor);
  }
  void OnSequenceEnd() override { open_.pop_back(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    static_cast<void>(style);
    Open(YamlNode::Type::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  // A list or map whose end has not come. Its node's address is stable: no
  // sibling is added before it is closed.
  struct OpenNode {
    YamlNode* node;
    bool is_key_taken = false;
    std::map<std::string, int> key_lines = {};
  };

  [[noreturn]] void Refuse(const YAML::Mark& mark, std::string what) const {
    throw Refusal{
        ConfigError{.place = PlaceInFile(file_, mark.line + 1, mark.column + 1),
                    .path = Path(),
                    .what = std::move(what)}};
  }

  // The path of the node that comes next.
  std::string Path() const {
    std::string path;
    for (const OpenNode& open : open_) {
      // Below the last open node comes the next child; below each other one,
      // the child that is open.
      const bool is_last = &open == &open_.back();
      const std::vector<YamlNode>& children = open.node->children;
      if (open.node->type == YamlNode::Type::kList) {
        path = JoinPath(path, children.size() - (is_last ? 0 : 1));
      } else if (!is_last || open.is_key_taken) {
        path = JoinPath(path, children.back().key);
      }
    }
    return path;
  }

  void CheckPlain(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t anchor) const {
    if (anchor != 0) {
      Refuse(mark, "anchors are not allowed; write the value out");
    }
    // yaml-cpp gives a quoted text the tag "!", and the same to one that has
    // that tag in the file; the file tells them apart.
    const bool has_tag = mark.pos >= 0 &&
                         static_cast<size_t>(mark.pos) < text_.size() &&
                         text_[static_cast<size_t>(mark.pos)] == '!';
    if (has_tag || (tag != "?" && tag != "!")) {
      Refuse(mark, "tags are not allowed; the key decides the type");
    }
  }

  bool IsKeyNext() const {
    return !open_.empty() && open_.back().node->type == YamlNode::Type::kMap &&
           !open_.back().is_key_taken;
  }

  void TakeKey(const YAML::Mark& mark, const std::string& key) {
    CountNode(mark);
    OpenNode& map = open_.back();
    const auto [first, is_new] = map.key_lines.emplace(key, mark.line + 1);
    map.node->children.push_back(
        {.key = key, .key_line = mark.line + 1, .key_column = mark.column + 1});
    map.is_key_taken = true;
    if (!is_new) {
      Refuse(mark, absl::StrCat("this key is written twice, first in line ",
                                first->second));
    }
  }

  void CountNode(const YAML::Mark& mark) {
    if (++num_nodes_ > kYamlNodesMax) {
      Refuse(mark, absl::StrCat("more than ", kYamlNodesMax,
                                " keys and values in one file"));
    }
  }

  YamlNode MakeNode(YamlNode::Type type, const YAML::Mark& mark) {
    CountNode(mark);
    return {.type = type, .line = mark.line + 1, .column = mark.column + 1};
  }

  // Puts `node` where the next one belongs, and returns its place.
  YamlNode* Add(YamlNode node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return &root_;
    }
    OpenNode& open = open_.back();
    std::vector<YamlNode>& children = open.node->children;
    if (open.node->type == YamlNode::Type::kList) {
      return &children.emplace_back(std::move(node));
    }
    open.is_key_taken = false;
    YamlNode& value = children.back();
    node.key = std::move(value.key);
    node.key_line = value.key_line;
    node.key_column = value.key_column;
    value = std::move(node);
    return &value;
  }

  void Open(YamlNode::Type type, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    CheckPlain(mark, tag, anchor);
    if (IsKeyNext()) Refuse(mark, "a key must be text");
    if (open_.size() >= kYamlDepthMax) {
      Refuse(mark, absl::StrCat("nested deeper than ", kYamlDepthMax));
    }
    open_.push_back({.node = Add(MakeNode(type, mark))});
  }

  const absl::string_view file_;
  const absl::string_view text_;
  YamlNode root_;
  std::vector<OpenNode> open_;
  size_t num_nodes_ = 0;
  int num_documents_ = 0;
};

absl::Status CheckText(absl::string_view file, absl::string_view text) {
  if (text.size() > kYamlBytesMax) {
    return ConfigError{
        .place = PlaceInFile(file, 1, 1),
        .what = absl::StrCat("larger than ", kYamlBytesMax, " bytes")}
        .ToStatus();
  }
  const size_t num_good = CountText(text);
  if (num_good == text.size()) return absl::OkStatus();
  const absl::string_view good = text.substr(0, num_good);
  const auto line = std::count(good.begin(), good.end(), '\n') + 1;
  const size_t line_start = line == 1 ? 0 : good.rfind('\n') + 1;
  return ConfigError{
      .place = PlaceInFile(file, static_cast<int>(line),
                           static_cast<int>(num_good - line_start) + 1),
      .what = "this byte is not UTF-8 text",
      .got = std::string(text.substr(num_good, 1))}
      .ToStatus();
}

absl::Status NotYaml(absl::string_view file, const YAML::Mark& mark,
                     absl::string_view reason) {
  return ConfigError{.place = PlaceInFile(file, std::max(mark.line, 0) + 1,
                                          std::max(mark.column, 0) + 1),
                     .what = absl::StrCat("not YAML: ", Excerpt(reason))}
      .ToStatus();
}

}  // namespace

std::string JoinPath(absl::string_view path, absl::string_view key) {
  return absl::StrCat(path, path.empty() ? "" : ".", Excerpt(key));
}

std::string JoinPath(absl::string_view path, size_t index) {
  return absl::StrCat(path, "[", index, "]");
}

absl::StatusOr<YamlNode> ParseYaml(absl::string_view file,
                                   absl::string_view text) {
  WEIR_RETURN_IF_ERROR(CheckText(file, text));
  TreeBuilder builder(file, text);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    // The second call finds a second document, which the builder refuses.
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
  } catch (const Refusal& refusal) {
    return refusal.error.ToStatus();
  } catch (const YAML::Exception& error) {
    return NotYaml(file, error.mark, error.msg);
  } catch (const std::exception& error) {
    return NotYaml(file, YAML::Mark::null_mark(), error.what());
  }
  return builder.TakeRoot();
}

}  // namespace weir
