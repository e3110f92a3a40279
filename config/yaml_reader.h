// YamlReader: moves a YAML tree into a struct, by the struct's field table.
//
//   Origins origins;
//   YamlReader reader("weir.yaml", origins);
//   Config config;                                  // the defaults
//   WEIR_RETURN_IF_ERROR(reader.Read(root, "", GroupKind{}, config));
//
// What the file does not say stays as it was. A key that no field has, a value
// of another kind or out of bounds, and a required key that is missing are
// refused. A list replaces the one before it.
//
// Thread-safety: one thread at a time.
// Ownership: borrows the file's name and the origins, which outlive it.
// Failure: InvalidArgument with the place, the key's path, what was found and
// what is allowed. The struct may then be half filled.
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
#include "config/status_macros.h"
#include "config/yaml_node.h"

namespace weir {

// Where each value was written: a path such as queue.requests_max to
// "FILE:LINE:COLUMN" or a variable's name. What is absent is a default.
using Origins = std::map<std::string, std::string>;

class YamlReader {
 public:
  YamlReader(absl::string_view file, Origins& origins)
      : file_(file), origins_(origins) {}

  template <typename Kind, typename Value>
  requires ScalarKind<Kind, Value> absl::Status Read(const YamlNode& node,
                                                     const std::string& path,
                                                     const Kind& kind,
                                                     Value& value)
  const {
    if (node.type != YamlNode::Type::kScalar) {
      return Refuse(node, path, "one value is needed", kind.Allowed());
    }
    const absl::Status status =
        kind.Parse({.text = node.text, .is_quoted = node.is_quoted}, value);
    if (!status.ok()) {
      return Refuse(node, path, status.message(), kind.Allowed());
    }
    NoteOrigin(node, path);
    return absl::OkStatus();
  }

  template <typename Kind, typename Value>
  absl::Status Read(const YamlNode& node, const std::string& path,
                    const ListKind<Kind>& kind,
                    std::vector<Value>& list) const {
    if (kind.may_be_single && node.type == YamlNode::Type::kScalar) {
      list.resize(1);
      return Read(node, path, kind.kind, list[0]);
    }
    WEIR_RETURN_IF_ERROR(
        CheckList(node, path, kind.size_min, kind.size_max, kind.Allowed()));
    list.clear();
    for (const YamlNode& child : node.children) {
      const std::string child_path = JoinPath(path, list.size());
      list.emplace_back();
      WEIR_RETURN_IF_ERROR(Read(child, child_path, kind.kind, list.back()));
    }
    NoteOrigin(node, path);
    return absl::OkStatus();
  }

  template <typename Struct>
  absl::Status Read(const YamlNode& node, const std::string& path,
                    const GroupListKind& kind,
                    std::vector<Struct>& list) const {
    WEIR_RETURN_IF_ERROR(
        CheckList(node, path, kind.size_min, kind.size_max, kind.Allowed()));
    list.clear();
    for (const YamlNode& child : node.children) {
      const std::string child_path = JoinPath(path, list.size());
      WEIR_RETURN_IF_ERROR(CheckMap(child, child_path));
      list.emplace_back();
      WEIR_RETURN_IF_ERROR(Read(child, child_path, GroupKind{}, list.back()));
    }
    NoteOrigin(node, path);
    return absl::OkStatus();
  }

  template <typename Struct>
  absl::Status Read(const YamlNode& node, const std::string& path,
                    OptionalGroupKind, std::optional<Struct>& value) const {
    WEIR_RETURN_IF_ERROR(CheckMap(node, path));
    NoteOrigin(node, path);
    return Read(node, path, GroupKind{}, value.emplace());
  }

  // A null is an empty map: a group's key whose lines were all deleted.
  template <typename Struct>
  absl::Status Read(const YamlNode& node, const std::string& path, GroupKind,
                    Struct& value) const {
    if (node.type != YamlNode::Type::kNull) {
      WEIR_RETURN_IF_ERROR(CheckMap(node, path));
    }
    for (const YamlNode& child : node.children) {
      WEIR_RETURN_IF_ERROR(ReadField(child, path, value));
    }
    absl::Status status;
    ForEachField<Struct>([&](const auto& field) {
      if (!field.is_required || !status.ok() || HasKey(node, field.name))
        return;
      status =
          RefuseMissing(node, JoinPath(path, field.name), field.kind.Allowed());
    });
    return status;
  }

  absl::Status Read(const YamlNode& node, const std::string& path,
                    const RangeKind& kind,
                    std::optional<ValueRange>& range) const;
  absl::Status Read(const YamlNode& node, const std::string& path,
                    const TextMapKind& kind,
                    std::map<std::string, std::string>& texts) const;

 private:
  template <typename Struct>
  absl::Status ReadField(const YamlNode& child, const std::string& path,
                         Struct& value) const {
    bool is_known = false;
    absl::Status status;
    ForEachField<Struct>([&](const auto& field) {
      if (field.name != child.key) return;
      is_known = true;
      status = Read(child, JoinPath(path, field.name), field.kind,
                    value.*field.member);
    });
    if (!is_known) return RefuseKey(child, path, FieldNames<Struct>());
    return status;
  }

  static bool HasKey(const YamlNode& map, absl::string_view key);

  // `node` is not what belongs there.
  absl::Status Refuse(const YamlNode& node, const std::string& path,
                      absl::string_view what, std::string allowed) const;
  absl::Status RefuseKey(const YamlNode& child, const std::string& path,
                         const std::vector<absl::string_view>& known) const;
  absl::Status RefuseMissing(const YamlNode& map, const std::string& path,
                             std::string allowed) const;

  absl::Status CheckMap(const YamlNode& node, const std::string& path) const;
  absl::Status CheckList(const YamlNode& node, const std::string& path,
                         size_t size_min, size_t size_max,
                         std::string allowed) const;

  void NoteOrigin(const YamlNode& node, const std::string& path) const;

  const absl::string_view file_;
  Origins& origins_;
};

}  // namespace weir

#endif  // WEIR_CONFIG_YAML_READER_H_
