// YamlReader: moves a YAML tree into a struct, by the struct's field table.
//
//   Origins origins;
//   Problems problems;
//   YamlReader reader("weir.yaml", origins, problems);
//   Config config;                                  // the defaults
//   reader.Read(root, "", GroupKind{}, config);
//   WEIR_RETURN_IF_ERROR(problems.ToStatus());
//
// What the file does not say stays as it was. A key that no field has, a value
// of another kind or out of bounds, and a required key that is missing are
// problems; the rest is read all the same. A list replaces the one before it.
//
// Thread-safety: one thread at a time.
// Ownership: borrows the file's name, the origins and the problems, which
// outlive it.
// Failure: problems, each with the place, the key's path, what was found and
// what is allowed. The struct is then half filled.
#ifndef WEIR_CONFIG_YAML_READER_H_
#define WEIR_CONFIG_YAML_READER_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "config/container_kind.h"
#include "config/field.h"
#include "config/kind.h"
#include "config/model_config.h"
#include "config/problems.h"
#include "config/yaml_node.h"

namespace weir {

// Where each value was written: a path such as queue.requests_max to
// "FILE:LINE:COLUMN" or a variable's name. What is absent is a default.
using Origins = std::map<std::string, std::string>;

class YamlReader {
 public:
  YamlReader(absl::string_view file, Origins& origins, Problems& problems)
      : file_(file), origins_(origins), problems_(problems) {}

  template <typename Kind, typename Value>
  requires ScalarKind<Kind, Value>
  void Read(const YamlNode& node, const std::string& path, const Kind& kind,
            Value& value) const {
    if (node.type != YamlNode::Type::kScalar) {
      Refuse(node, path, "one value is needed", kind.Allowed());
      return;
    }
    const absl::Status status =
        kind.Parse({.text = node.text, .is_quoted = node.is_quoted}, value);
    if (!status.ok()) Refuse(node, path, status.message(), kind.Allowed());
    NoteOrigin(node, path);
  }

  template <typename Kind, typename Value>
  void Read(const YamlNode& node, const std::string& path,
            const ListKind<Kind>& kind, std::vector<Value>& list) const {
    if (kind.may_be_single && node.type == YamlNode::Type::kScalar) {
      list.resize(1);
      Read(node, path, kind.kind, list[0]);
      return;
    }
    if (!IsList(node, path, kind.size_min, kind.size_max, kind.Allowed())) {
      return;
    }
    list.clear();
    for (const YamlNode& child : node.children) {
      const std::string child_path = JoinPath(path, list.size());
      list.emplace_back();
      Read(child, child_path, kind.kind, list.back());
    }
    NoteOrigin(node, path);
  }

  template <typename Struct>
  void Read(const YamlNode& node, const std::string& path,
            const GroupListKind& kind, std::vector<Struct>& list) const {
    if (!IsList(node, path, kind.size_min, kind.size_max, kind.Allowed())) {
      return;
    }
    list.clear();
    for (const YamlNode& child : node.children) {
      const std::string child_path = JoinPath(path, list.size());
      list.emplace_back();
      if (!IsMap(child, child_path)) continue;
      Read(child, child_path, GroupKind{}, list.back());
    }
    NoteOrigin(node, path);
  }

  template <typename Struct>
  void Read(const YamlNode& node, const std::string& path, OptionalGroupKind,
            std::optional<Struct>& value) const {
    if (!IsMap(node, path)) return;
    NoteOrigin(node, path);
    Read(node, path, GroupKind{}, value.emplace());
  }

  // A null is an empty map: a group's key whose lines were all deleted.
  template <typename Struct>
  void Read(const YamlNode& node, const std::string& path, GroupKind,
            Struct& value) const {
    if (node.type != YamlNode::Type::kNull && !IsMap(node, path)) return;
    for (const YamlNode& child : node.children) ReadField(child, path, value);
    ForEachField<Struct>([&](const auto& field) {
      if (!field.is_required || HasKey(node, field.name)) return;
      RefuseMissing(node, JoinPath(path, field.name), field.kind.Allowed());
    });
  }

  void Read(const YamlNode& node, const std::string& path,
            const RangeKind& kind, std::optional<ValueRange>& range) const;
  void Read(const YamlNode& node, const std::string& path,
            const TextMapKind& kind,
            std::map<std::string, std::string>& texts) const;

 private:
  template <typename Struct>
  void ReadField(const YamlNode& child, const std::string& path,
                 Struct& value) const {
    bool is_known = false;
    ForEachField<Struct>([&](const auto& field) {
      if (field.name != child.key) return;
      is_known = true;
      Read(child, JoinPath(path, field.name), field.kind, value.*field.member);
    });
    if (!is_known) RefuseKey(child, path, FieldNames<Struct>());
  }

  static bool HasKey(const YamlNode& map, absl::string_view key);

  // `node` is not what belongs there.
  void Refuse(const YamlNode& node, const std::string& path,
              absl::string_view what, std::string allowed) const;
  void RefuseKey(const YamlNode& child, const std::string& path,
                 const std::vector<absl::string_view>& known) const;
  void RefuseMissing(const YamlNode& map, const std::string& path,
                     std::string allowed) const;

  // Refuse it where it is none.
  bool IsMap(const YamlNode& node, const std::string& path) const;
  bool IsList(const YamlNode& node, const std::string& path, size_t size_min,
              size_t size_max, std::string allowed) const;

  void NoteOrigin(const YamlNode& node, const std::string& path) const;

  const absl::string_view file_;
  Origins& origins_;
  Problems& problems_;
};

}  // namespace weir

#endif  // WEIR_CONFIG_YAML_READER_H_
