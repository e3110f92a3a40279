// YamlWriter: a struct as YAML text, by the struct's field table.
//
//   YamlWriter writer(YamlWriter::Comments::kNo, origins);
//   writer.Write(config);
//   std::string text = writer.Take();
//
// Loading the text gives an equal struct. With comments each key has its
// description above it: that is config/default.yaml. With origins each value
// that somebody wrote has the place behind it, as a comment.
//
// Thread-safety: one thread at a time.
// Ownership: owns its text; borrows the origins, which outlive it.
// Failure: none.
// REQUIRES: values that loading would accept; numbers and texts that it would
// not are written all the same, and refused when read.
#ifndef WEIR_CONFIG_YAML_WRITER_H_
#define WEIR_CONFIG_YAML_WRITER_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "config/container_kind.h"
#include "config/field.h"
#include "config/kind.h"
#include "config/model_config.h"
#include "config/yaml_node.h"
#include "config/yaml_reader.h"

namespace weir {

class YamlWriter {
 public:
  enum class Comments { kNo, kYes };

  YamlWriter(Comments comments, const Origins& origins)
      : comments_(comments), origins_(origins) {}

  template <typename Struct>
  void Write(const Struct& value) {
    ForEachField<Struct>([&](const auto& field) {
      if (IsAbsent(value.*field.member)) return;
      WriteComment(Describe(field));
      WriteKey(field.name);
      const std::string above =
          std::exchange(path_, JoinPath(path_, field.name));
      WriteValue(field.kind, value.*field.member);
      path_ = above;
    });
  }

  std::string Take() { return std::move(text_); }

 private:
  template <typename Value>
  static bool IsAbsent(const Value&) {
    return false;
  }
  static bool IsAbsent(const std::optional<BatchConfig>& batch) {
    return !batch.has_value();
  }
  static bool IsAbsent(const std::optional<ValueRange>& range) {
    return !range.has_value();
  }

  template <typename Kind, typename Value>
  requires ScalarKind<Kind, Value>
  void WriteValue(const Kind& kind, const Value& value) {
    WriteLineEnd(absl::StrCat(" ", Written(kind, value)));
  }

  template <typename Kind, typename Value>
  void WriteValue(const ListKind<Kind>& kind, const std::vector<Value>& list) {
    std::string line = " [";
    for (const Value& value : list) {
      absl::StrAppend(&line, line.size() > 2 ? ", " : "",
                      Written(kind.kind, value));
    }
    WriteLineEnd(absl::StrCat(line, "]"));
  }

  template <typename Struct>
  void WriteValue(GroupKind, const Struct& group) {
    WriteLineEnd("");
    ++depth_;
    is_first_ = true;
    Write(group);
    --depth_;
  }

  template <typename Struct>
  void WriteValue(OptionalGroupKind, const std::optional<Struct>& group) {
    WriteValue(GroupKind{}, *group);
  }

  template <typename Struct>
  void WriteValue(const GroupListKind&, const std::vector<Struct>& list) {
    WriteLineEnd(list.empty() ? " []" : "");
    depth_ += 2;
    const std::string above = path_;
    for (size_t i = 0; i < list.size(); ++i) {
      const size_t start = text_.size();
      is_first_ = true;
      path_ = JoinPath(above, i);
      Write(list[i]);
      // The first line of the item carries the dash, two before its text.
      text_[start + Indent() - 2] = '-';
    }
    depth_ -= 2;
  }

  void WriteValue(const RangeKind&, const std::optional<ValueRange>& range);
  void WriteValue(const TextMapKind&,
                  const std::map<std::string, std::string>& texts);

  // One scalar as it stands in the file.
  template <typename Kind, typename Value>
  static std::string Written(const Kind& kind, const Value& value) {
    return kind.Print(value);
  }
  template <typename Kind>
  static std::string Written(const Kind&, const std::string& value) {
    return Quoted(value);
  }

  // The text itself where it cannot be taken for anything else, else in quotes.
  static std::string Quoted(absl::string_view text);

  size_t Indent() const { return 2 * depth_; }
  void WriteComment(const std::string& comment);
  void WriteKey(absl::string_view key);
  void WriteLineEnd(absl::string_view rest);

  const Comments comments_;
  const Origins& origins_;
  std::string text_;
  // Of what is being written.
  std::string path_;
  size_t depth_ = 0;
  // Whether nothing has been written at this depth yet.
  bool is_first_ = true;
};

}  // namespace weir

#endif  // WEIR_CONFIG_YAML_WRITER_H_
