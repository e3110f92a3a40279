// weir: one program, a verb for each thing that it does. `weir --help` lists
// them; each lies in a file of its own, which adds it here.
#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "cli/bench.h"
#include "cli/config.h"
#include "cli/doctor.h"
#include "cli/exit_code.h"
#include "cli/infer.h"
#include "cli/selftest.h"
#ifdef WEIR_HAS_SERVER
#include "cli/demo.h"
#include "cli/serve.h"
#endif
#include "cli/usage_error.h"
#include "cli/version.h"

namespace weir {
namespace {

// No argument is an empty text: what is empty is a variable that a script
// forgot to set, and would be taken for a path or a name.
void RefuseEmptyTexts(CLI::App& app) {
  for (CLI::Option* option : app.get_options()) {
    option->check([](const std::string& text) {
      return std::string(text.empty() ? "may not be empty" : "");
    });
  }
  for (CLI::App* verb : app.get_subcommands([](CLI::App*) { return true; })) {
    RefuseEmptyTexts(*verb);
  }
}

int Main(int argc, char** argv) {
  CLI::App app("weir serves machine-learning models on device streams", "weir");
  app.require_subcommand(1);
  app.footer(
      "Limits, and what they are by default: weir config explain --all, or "
      "docs/limits.md");
  ExitCode code = kExitOk;
#ifdef WEIR_HAS_SERVER
  AddDemoVerb(app, code);
#endif
#ifdef WEIR_HAS_RPC
  AddBenchVerb(app, code);
  AddInferVerb(app, code);
#endif
  AddConfigVerb(app, code);
  AddDoctorVerb(app, code);
  AddSelftestVerb(app, code);
#ifdef WEIR_HAS_SERVER
  AddServeVerb(app, code);
#endif
  AddVersionVerb(app, code);
  RefuseEmptyTexts(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) {
      return app.exit(error);  // --help
    }
    std::fprintf(stderr, "weir: %s\n", UsageErrorText(app, error).c_str());
    return kExitBadArguments;
  }
  return code;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) { return weir::Main(argc, argv); }
