#include "config/environment.h"

#include <algorithm>
#include <type_traits>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "config/config_error.h"
#include "config/config_fields.h"
#include "config/nearest_name.h"
#include "config/yaml_node.h"

extern char** environ;

namespace weir {
namespace {

constexpr absl::string_view kPrefix = "WEIR_";

// Calls `visitor(path, kind, value)` for each knob that has a variable: all
// that is not a group of others.
template <typename Struct, typename Visitor>
void ForEachKnob(const std::string& path, Struct& value,
                 const Visitor& visitor) {
  ForEachField<Struct>([&](const auto& field) {
    const std::string field_path = JoinPath(path, field.name);
    if constexpr (std::is_same_v<decltype(field.kind), GroupKind>) {
      ForEachKnob(field_path, value.*field.member, visitor);
    } else {
      visitor(field_path, field.kind, value.*field.member);
    }
  });
}

// Nothing below `path` is where the file put it.
void ForgetOrigins(const std::string& path, Origins& origins) {
  std::erase_if(origins, [&](const auto& origin) {
    absl::string_view rest = origin.first;
    return absl::ConsumePrefix(&rest, path) &&
           (rest.empty() || rest[0] == '.' || rest[0] == '[');
  });
}

template <typename Kind, typename Value>
void ReadVariable(const std::string& name, const std::string& path,
                  const std::string& text, const Kind& kind, Value& value,
                  Origins& origins, Problems& problems) {
  ForgetOrigins(path, origins);
  origins[path] = name;
  if constexpr (ScalarKind<Kind, Value>) {
    const absl::Status status = kind.Parse({.text = text}, value);
    if (status.ok()) return;
    problems.Add(ConfigError{.place = name,
                             .path = path,
                             .what = std::string(status.message()),
                             .got = text,
                             .allowed = kind.Allowed()}
                     .ToStatus());
  } else {
    const absl::StatusOr<YamlNode> node = ParseYaml(name, text);
    problems.Add(node.status());
    if (!node.ok()) return;
    YamlReader(name, origins, problems).Read(*node, path, kind, value);
    origins[path] = name;
  }
}

void CheckNames(const Environment& environment, Problems& problems) {
  const std::vector<std::string> names = EnvironmentNames();
  for (const auto& [name, text] : environment) {
    if (!absl::StartsWith(name, kPrefix)) continue;
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    problems.Add(ConfigError{
        .place = Excerpt(name),
        .what = "unknown variable; no knob has this name",
        .nearest = std::string(NearestName(name, {names.begin(), names.end()}))}
                     .ToStatus());
  }
}

}  // namespace

Environment CaptureEnvironment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const absl::string_view variable = *entry;
    const size_t equals = variable.find('=');
    if (!absl::StartsWith(variable, kPrefix) ||
        equals == absl::string_view::npos) {
      continue;
    }
    environment.emplace(variable.substr(0, equals),
                        variable.substr(equals + 1));
  }
  return environment;
}

std::vector<std::string> EnvironmentNames() {
  std::vector<std::string> names;
  Config config;
  ForEachKnob("", config,
              [&](const std::string& path, const auto&, const auto&) {
                names.push_back(EnvironmentName(path));
              });
  return names;
}

std::string EnvironmentName(absl::string_view path) {
  return absl::StrCat(
      kPrefix, absl::AsciiStrToUpper(absl::StrReplaceAll(path, {{".", "_"}})));
}

void ApplyEnvironment(const Environment& environment, Config& config,
                      Origins& origins, Problems& problems) {
  CheckNames(environment, problems);
  ForEachKnob("", config,
              [&](const std::string& path, const auto& kind, auto& value) {
                const auto found = environment.find(EnvironmentName(path));
                if (found == environment.end()) return;
                ReadVariable(found->first, path, found->second, kind, value,
                             origins, problems);
              });
}

}  // namespace weir
