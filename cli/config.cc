#include "cli/config.h"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/config_text.h"
#include "config/config_file.h"
#include "config/config_yaml.h"
#include "config/environment.h"
#include "config/limits_text.h"
#include "server/model_directory.h"

namespace weir {
namespace {

constexpr char kShownHeading[] =
    "# What weir runs with: the defaults, above them the file, above that the\n"
    "# WEIR_* variables. Behind what one of them says is where it says so.\n";

// As written.
struct ConfigArguments {
  std::optional<std::string> config = std::nullopt;
  std::optional<std::string> models = std::nullopt;
  std::optional<std::string> key = std::nullopt;
  bool all = false;
};

absl::StatusOr<SourcedConfig> Load(const ConfigArguments& arguments) {
  return LoadSourcedConfig(arguments.config, CaptureEnvironment());
}

// Without `weir: ` in front: an editor jumps to the place.
ExitCode Tell(const std::string& problems) {
  std::fprintf(stderr, "%s\n", problems.c_str());
  return kExitBadArguments;
}

ExitCode Check(const ConfigArguments& arguments) {
  ExitCode code = kExitOk;
  const absl::Status loaded = Load(arguments).status();
  if (!loaded.ok()) code = Tell(std::string(loaded.message()));
  if (arguments.models.has_value()) {
    // Models are files, but for those of the fake backend.
    const ModelDirectory found =
        FindModels(*arguments.models, {.needs_file = true});
    for (const std::string& problem : found.problems) code = Tell(problem);
  }
  if (code == kExitOk) std::puts("ok");
  return code;
}

ExitCode Show(const ConfigArguments& arguments) {
  const absl::StatusOr<SourcedConfig> sourced = Load(arguments);
  if (!sourced.ok()) return Tell(std::string(sourced.status().message()));
  std::printf("%s%s", kShownHeading, ToYaml(*sourced).c_str());
  return kExitOk;
}

ExitCode Explain(const ConfigArguments& arguments) {
  if (arguments.all || !arguments.key.has_value()) {
    std::fputs((arguments.all ? LimitsText() : KnobsText()).c_str(), stdout);
    return kExitOk;
  }
  const absl::StatusOr<std::string> text = KnobText(*arguments.key);
  if (!text.ok()) return Refuse(text.status());
  std::fputs(text->c_str(), stdout);
  return kExitOk;
}

}  // namespace

void AddConfigVerb(CLI::App& app, ExitCode& code) {
  CLI::App* verb =
      app.add_subcommand("config", "Check, show or explain the configuration");
  verb->require_subcommand(1);
  // Lives as long as the verbs' callbacks, which alone read it.
  const auto arguments = std::make_shared<ConfigArguments>();
  const auto add = [&](const char* name, const char* what, auto act) {
    CLI::App* made = verb->add_subcommand(name, what);
    made->callback([act, arguments, &code] { code = act(*arguments); });
    return made;
  };
  CLI::App* check = add("check", "Tell every problem of it", &Check);
  CLI::App* show = add("show", "Print it as it is in effect", &Show);
  CLI::App* explain = add("explain", "Tell what a key is for", &Explain);
  for (CLI::App* reads : {check, show}) {
    reads->add_option("--config", arguments->config,
                      "The configuration's file");
  }
  check->add_option("--models", arguments->models,
                    "A folder of models, to be checked too");
  explain->add_option("key", arguments->key,
                      "Such as queue.requests_max; without it all are listed");
  explain->add_flag("--all", arguments->all,
                    "Every limit of the server, as in docs/limits.md");
}

}  // namespace weir
