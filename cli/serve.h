// `weir serve`: the daemon. Prints one line on standard output once every model
// can answer, logs to standard error, and serves until it is asked to end or
// loses a device.
//
// Thread-safety: main's thread.
// Ownership: `app` and `code` outlive the parsing.
// Failure: the exit codes of exit_code.h, and a sentence on standard error.
#ifndef WEIR_CLI_SERVE_H_
#define WEIR_CLI_SERVE_H_

#include "CLI/CLI.hpp"
#include "cli/exit_code.h"
#include "cli/serve_plan.h"

namespace weir {

// What each verb that runs a daemon may be told; `arguments` outlives the
// parsing.
void AddDaemonOptions(CLI::App& verb, ServeArguments& arguments);

void AddServeVerb(CLI::App& app, ExitCode& code);

}  // namespace weir

#endif  // WEIR_CLI_SERVE_H_
