#include "config/knob.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "config/config_fields.h"
#include "config/container_kind.h"
#include "config/environment.h"
#include "config/field.h"
#include "config/kind.h"
#include "config/model_fields.h"
#include "config/yaml_node.h"

namespace weir {
namespace {

template <typename Kind, typename Value>
requires ScalarKind<Kind, Value> std::string DefaultText(const Kind& kind,
                                                         const Value& value) {
  return kind.Print(value);
}

template <typename Kind, typename Value>
std::string DefaultText(const ListKind<Kind>& kind,
                        const std::vector<Value>& list) {
  const auto print = [&](std::string* out, const Value& value) {
    absl::StrAppend(out, DefaultText(kind.kind, value));
  };
  return absl::StrCat("[", absl::StrJoin(list, ", ", print), "]");
}

std::string DefaultText(const TextMapKind&,
                        const std::map<std::string, std::string>&) {
  return "{}";
}

std::string DefaultText(const RangeKind&, const std::optional<ValueRange>&) {
  return "";
}

class KnobList {
 public:
  // `has_variables`: whether the knobs have variables of their own.
  explicit KnobList(bool has_variables) : has_variables_(has_variables) {}

  // `variable`: of the list that the struct is an entry of.
  template <typename Struct>
  void Add(const std::string& above, const std::string& variable) {
    const Struct defaults;
    ForEachField<Struct>([&](const auto& field) {
      Knob knob{.path = JoinPath(above, field.name),
                .description = std::string(field.doc),
                .allowed = field.kind.Allowed()};
      knob.variable = variable.empty() && has_variables_
                          ? EnvironmentName(knob.path)
                          : variable;
      AddKnob(field.kind, defaults.*field.member, field.is_required,
              std::move(knob));
    });
  }

  std::vector<Knob> Take() { return std::move(knobs_); }

 private:
  template <typename Kind, typename Value>
  void AddKnob(const Kind& kind, const Value& value, bool is_required,
               Knob knob) {
    if (!is_required) knob.default_text = DefaultText(kind, value);
    knobs_.push_back(std::move(knob));
  }

  template <typename Struct>
  void AddKnob(const GroupKind&, const Struct&, bool, Knob knob) {
    knob.variable.clear();
    AddGroup<Struct>(std::move(knob), "", "");
  }
  template <typename Struct>
  void AddKnob(const OptionalGroupKind&, const std::optional<Struct>&, bool,
               Knob knob) {
    AddGroup<Struct>(std::move(knob), "", "");
  }
  template <typename Struct>
  void AddKnob(const GroupListKind&, const std::vector<Struct>&, bool,
               Knob knob) {
    const std::string variable = knob.variable;
    AddGroup<Struct>(std::move(knob), "[]", variable);
  }

  // `entry` stands behind the path of the group, in those of what it holds.
  template <typename Struct>
  void AddGroup(Knob knob, absl::string_view entry,
                const std::string& variable) {
    const std::string above = absl::StrCat(knob.path, entry);
    knob.holds_others = true;
    knobs_.push_back(std::move(knob));
    Add<Struct>(above, variable);
  }

  const bool has_variables_;
  std::vector<Knob> knobs_;
};

}  // namespace

std::vector<Knob> ConfigKnobs() {
  KnobList list(/*has_variables=*/true);
  list.Add<Config>("", "");
  return list.Take();
}

std::vector<Knob> ModelKnobs() {
  KnobList list(/*has_variables=*/false);
  list.Add<ModelConfig>("", "");
  return list.Take();
}

}  // namespace weir
