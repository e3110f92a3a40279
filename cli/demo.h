// `weir demo`: serves the demo models, and shows on standard output what that
// looks like: one inference by a client, its answer, what the slots did, and
// what to type next. Then it keeps serving, or with --once it ends.
//
// Thread-safety: main's thread.
// Ownership: `app` and `code` outlive the parsing.
// Failure: the exit codes of exit_code.h; kExitFailed where the inference has
// no answer.
#ifndef WEIR_CLI_DEMO_H_
#define WEIR_CLI_DEMO_H_

#include "CLI/CLI.hpp"
#include "cli/exit_code.h"

namespace weir {

void AddDemoVerb(CLI::App& app, ExitCode& code);

}  // namespace weir

#endif  // WEIR_CLI_DEMO_H_
