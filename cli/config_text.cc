#include "cli/config_text.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "config/config_error.h"
#include "config/knob.h"
#include "config/nearest_name.h"

namespace weir {
namespace {

constexpr size_t kLineBytesMax = 80;
constexpr char kModelPrefix[] = "model.";

// All keys; those of a model.yaml below model.
std::vector<Knob> AllKnobs() {
  std::vector<Knob> all = ConfigKnobs();
  for (Knob& knob : ModelKnobs()) {
    knob.path = absl::StrCat(kModelPrefix, knob.path);
    all.push_back(std::move(knob));
  }
  return all;
}

// The path without what says which entry of a list is meant.
std::string WithoutEntries(const std::string& path) {
  std::string plain;
  bool is_inside = false;
  for (const char letter : path) {
    if (letter == '[') is_inside = true;
    if (!is_inside) plain.push_back(letter);
    if (letter == ']') is_inside = false;
  }
  return plain;
}

std::string Wrapped(const std::string& text) {
  std::string wrapped;
  std::string line;
  for (const absl::string_view word : absl::StrSplit(text, ' ')) {
    if (!line.empty() && line.size() + 1 + word.size() > kLineBytesMax) {
      absl::StrAppend(&wrapped, line, "\n");
      line.clear();
    }
    absl::StrAppend(&line, line.empty() ? "" : " ", word);
  }
  return absl::StrCat(wrapped, line, "\n");
}

std::string DefaultOf(const Knob& knob) {
  return knob.default_text.empty() ? "none" : knob.default_text;
}

// The keys right below `group`, without its path.
std::string HeldBy(const Knob& group, const std::vector<Knob>& all) {
  const std::string above = absl::StrCat(WithoutEntries(group.path), ".");
  std::vector<std::string> held;
  for (const Knob& knob : all) {
    const std::string path = WithoutEntries(knob.path);
    if (!absl::StartsWith(path, above)) continue;
    const std::string rest = path.substr(above.size());
    if (rest.find('.') == std::string::npos) held.push_back(rest);
  }
  return absl::StrJoin(held, ", ");
}

std::string Described(const Knob& knob, const std::vector<Knob>& all) {
  std::string text =
      absl::StrCat(knob.path, "\n\n", Wrapped(knob.description), "\n");
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) absl::StrAppendFormat(&text, "%-9s %s\n", name, value);
  };
  if (knob.holds_others) {
    add("keys", HeldBy(knob, all));
  } else {
    add("default", DefaultOf(knob));
  }
  add("allowed", knob.allowed);
  add("variable", knob.variable);
  return text;
}

absl::Status Unknown(const std::string& key, const std::vector<Knob>& all) {
  std::vector<absl::string_view> names;
  std::vector<absl::string_view> endings;
  for (const Knob& knob : all) {
    names.emplace_back(knob.path);
    if (absl::EndsWith(knob.path, absl::StrCat(".", key))) {
      endings.emplace_back(knob.path);
    }
  }
  const std::string nearest = endings.empty()
                                  ? std::string(NearestName(key, names))
                                  : absl::StrJoin(endings, " or ");
  return absl::NotFoundError(absl::StrCat(
      Excerpt(key), ": no such key",
      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?"),
      "; `weir config explain` lists them all"));
}

}  // namespace

std::string KnobsText() {
  std::string text =
      "The keys of a configuration and their defaults; `weir config explain "
      "KEY`\ntells more of one, `weir config explain --all` every limit.\n\n";
  bool is_in_model = false;
  for (const Knob& knob : AllKnobs()) {
    if (!is_in_model && absl::StartsWith(knob.path, kModelPrefix)) {
      is_in_model = true;
      absl::StrAppend(&text,
                      "\nThe keys of a model.yaml, without `model.`:\n\n");
    }
    if (knob.holds_others) continue;
    absl::StrAppendFormat(&text, "%-34s %s\n", knob.path, DefaultOf(knob));
  }
  return text;
}

absl::StatusOr<std::string> KnobText(const std::string& key) {
  const std::vector<Knob> all = AllKnobs();
  const std::string plain = WithoutEntries(key);
  const auto found = std::find_if(
      all.begin(), all.end(),
      [&](const Knob& knob) { return WithoutEntries(knob.path) == plain; });
  if (found == all.end()) return Unknown(key, all);
  return Described(*found, all);
}

}  // namespace weir
