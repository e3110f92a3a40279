// Field: one row of the table that says all there is to know about a knob: its
// key, its place in the struct, its kind and bounds, and what it is for.
//
//   ForEachField<QueueConfig>([&](const auto& field) {
//     Use(field.name, field.kind, queue.*field.member);
//   });
//
// FieldTable<Struct> holds the rows of a struct; see config/config_fields.h and
// config/model_fields.h. Loading, printing, environment names, default.yaml and
// the tests all walk these tables, so a knob is described once.
//
// Thread-safety: constants.
// Ownership: rows point at constants.
// Failure: none.
#ifndef WEIR_CONFIG_FIELD_H_
#define WEIR_CONFIG_FIELD_H_

#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace weir {

template <typename Struct, typename Value, typename Kind>
struct Field {
  absl::string_view name;
  Value Struct::*member;
  Kind kind;
  // Whole sentences: what it does, and what happens at the bound.
  absl::string_view doc;
  bool is_required = false;
};

template <typename Struct, typename Value, typename Kind>
constexpr Field<Struct, Value, Kind> OptionalField(absl::string_view name,
                                                   Value Struct::*member,
                                                   Kind kind,
                                                   absl::string_view doc) {
  return {name, member, kind, doc, /*is_required=*/false};
}

// The key must be there.
template <typename Struct, typename Value, typename Kind>
constexpr Field<Struct, Value, Kind> RequiredField(absl::string_view name,
                                                   Value Struct::*member,
                                                   Kind kind,
                                                   absl::string_view doc) {
  return {name, member, kind, doc, /*is_required=*/true};
}

// Specialised with `static constexpr auto kFields`, a std::tuple of Field.
template <typename Struct>
struct FieldTable;

template <typename Struct, typename Visitor>
void ForEachField(const Visitor& visitor) {
  std::apply([&](const auto&... field) { (visitor(field), ...); },
             FieldTable<Struct>::kFields);
}

template <typename Struct>
std::vector<absl::string_view> FieldNames() {
  std::vector<absl::string_view> names;
  ForEachField<Struct>([&](const auto& field) { names.push_back(field.name); });
  return names;
}

// The comment of the field, in the headers and in default.yaml.
template <typename AnyField>
std::string Describe(const AnyField& field) {
  const std::string allowed = field.kind.Allowed();
  if (allowed.empty()) return std::string(field.doc);
  return absl::StrCat(field.doc, " Allowed: ", allowed, ".");
}

}  // namespace weir

#endif  // WEIR_CONFIG_FIELD_H_
