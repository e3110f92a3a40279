#include "cli/usage_error.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "config/config_error.h"
#include "config/nearest_name.h"

namespace weir {
namespace {

// The verbs on the command line, from the program to the innermost.
std::vector<const CLI::App*> Chain(const CLI::App& app) {
  std::vector<const CLI::App*> chain = {&app};
  while (!chain.back()->get_subcommands().empty()) {
    chain.push_back(chain.back()->get_subcommands().front());
  }
  return chain;
}

std::vector<std::string> OptionsOf(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const CLI::Option* option : verb.get_options()) {
    // What has no group is not for people.
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_lnames()) {
      names.push_back(absl::StrCat("--", name));
    }
  }
  return names;
}

std::vector<std::string> VerbsOf(const CLI::App& verb) {
  std::vector<std::string> names;
  for (const CLI::App* sub :
       verb.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(sub->get_name());
  }
  return names;
}

std::string Unknown(const std::string& word, const char* what,
                    const std::vector<std::string>& names) {
  const absl::string_view nearest =
      NearestName(word, {names.begin(), names.end()});
  return absl::StrCat(
      Excerpt(word), ": ", what,
      nearest.empty() ? "" : absl::StrCat("; did you mean ", nearest, "?"));
}

// What the verb does not know of its words; empty where it knows them all.
std::string UnknownWordOf(const CLI::App& verb) {
  const std::vector<std::string> words = verb.remaining();
  if (words.empty()) return "";
  const std::string& word = words.front();
  if (absl::StartsWith(word, "-")) {
    return Unknown(word.substr(0, word.find('=')), "no such option",
                   OptionsOf(verb));
  }
  const std::vector<std::string> verbs = VerbsOf(verb);
  return verbs.empty() ? absl::StrCat(Excerpt(word), ": one word too many")
                       : Unknown(word, "no such verb", verbs);
}

}  // namespace

std::string UsageErrorText(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<const CLI::App*> chain = Chain(app);
  std::string text;
  std::string command;
  for (const CLI::App* verb : chain) {
    absl::StrAppend(&command, verb->get_name(), " ");
    text = UnknownWordOf(*verb);
    if (!text.empty()) break;
  }
  if (text.empty()) text = error.what();
  return absl::StrCat(text, "; see ", command, "--help");
}

}  // namespace weir
