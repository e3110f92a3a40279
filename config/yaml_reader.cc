#include "config/yaml_reader.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/config_error.h"
#include "config/nearest_name.h"

namespace weir {
namespace {

constexpr size_t kTextNameBytesMax = 64;

bool IsTextName(absl::string_view name) {
  return !name.empty() && name.size() <= kTextNameBytesMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
         });
}

}  // namespace

void YamlReader::Read(const YamlNode& node, const std::string& path,
                      const RangeKind& kind,
                      std::optional<ValueRange>& range) const {
  constexpr WholeNumberKind<int64_t> kAnyNumber{
      std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
  if (node.type != YamlNode::Type::kList || node.children.size() != 2) {
    Refuse(node, path, "two values are needed", kind.Allowed());
    return;
  }
  const size_t num_problems = problems_.size();
  ValueRange given;
  Read(node.children[0], JoinPath(path, 0), kAnyNumber, given.low);
  Read(node.children[1], JoinPath(path, 1), kAnyNumber, given.high);
  if (problems_.size() != num_problems) return;
  if (given.low > given.high) {
    Refuse(node.children[0], path, "the first is more than the second",
           kind.Allowed());
  }
  range = given;
  NoteOrigin(node, path);
}

void YamlReader::Read(const YamlNode& node, const std::string& path,
                      const TextMapKind& kind,
                      std::map<std::string, std::string>& texts) const {
  if (!IsMap(node, path)) return;
  if (node.children.size() > kind.size_max) {
    Refuse(node, path, "too many entries", kind.Allowed());
    return;
  }
  const TextKind text{0, kind.bytes_max, "text"};
  texts.clear();
  for (const YamlNode& child : node.children) {
    const std::string child_path = JoinPath(path, child.key);
    if (IsTextName(child.key)) {
      Read(child, child_path, text, texts[child.key]);
      continue;
    }
    problems_.Add(ConfigError{
        .place = PlaceInFile(file_, child.key_line, child.key_column),
        .path = child_path,
        .what = "not a name",
        .allowed = "1 to 64 of A-Z, a-z, 0-9, _, . and -"}
                      .ToStatus());
  }
}

bool YamlReader::HasKey(const YamlNode& map, absl::string_view key) {
  return std::any_of(map.children.begin(), map.children.end(),
                     [&](const YamlNode& child) { return child.key == key; });
}

void YamlReader::Refuse(const YamlNode& node, const std::string& path,
                        absl::string_view what, std::string allowed) const {
  ConfigError error{.place = PlaceInFile(file_, node.line, node.column),
                    .path = path,
                    .what = std::string(what),
                    .allowed = std::move(allowed)};
  switch (node.type) {
    case YamlNode::Type::kNull:
      error.got_kind = "nothing";
      break;
    case YamlNode::Type::kScalar:
      error.got = node.text;
      break;
    case YamlNode::Type::kList:
      error.got_kind = absl::StrCat("a list of ", node.children.size());
      break;
    case YamlNode::Type::kMap:
      error.got_kind = "a map";
      break;
  }
  problems_.Add(error.ToStatus());
}

void YamlReader::RefuseKey(const YamlNode& child, const std::string& path,
                           const std::vector<absl::string_view>& known) const {
  problems_.Add(
      ConfigError{.place = PlaceInFile(file_, child.key_line, child.key_column),
                  .path = JoinPath(path, child.key),
                  .what = "unknown key",
                  .allowed = absl::StrJoin(known, ", "),
                  .nearest = std::string(NearestName(child.key, known))}
          .ToStatus());
}

void YamlReader::RefuseMissing(const YamlNode& map, const std::string& path,
                               std::string allowed) const {
  problems_.Add(ConfigError{.place = PlaceInFile(file_, map.line, map.column),
                            .path = path,
                            .what = "this key is required",
                            .allowed = std::move(allowed)}
                    .ToStatus());
}

bool YamlReader::IsMap(const YamlNode& node, const std::string& path) const {
  if (node.type == YamlNode::Type::kMap) return true;
  Refuse(node, path, "a map is needed", "keys with their values");
  return false;
}

bool YamlReader::IsList(const YamlNode& node, const std::string& path,
                        size_t size_min, size_t size_max,
                        std::string allowed) const {
  const bool is_list = node.type == YamlNode::Type::kList;
  if (is_list && node.children.size() >= size_min &&
      node.children.size() <= size_max) {
    return true;
  }
  Refuse(node, path,
         is_list ? "the wrong number of entries" : "a list is needed",
         std::move(allowed));
  return false;
}

void YamlReader::NoteOrigin(const YamlNode& node,
                            const std::string& path) const {
  origins_[path] = PlaceInFile(file_, node.line, node.column);
}

}  // namespace weir
