// `weir config`: what a configuration says, whether it is right, and what may
// be in one.
//
//   weir config check --config weir.yaml --models models
//   weir config show --config weir.yaml
//   weir config explain queue.requests_max
//
// Exit codes: 0, or 2 where the configuration is wrong or the key unknown.
// Nothing is opened but the files that are read.
//
// Thread-safety: main's thread.
// Ownership: `app` and `code` outlive the parsing.
// Failure: exit codes, and every problem on standard error, a line each that
// begins with its place.
#ifndef WEIR_CLI_CONFIG_H_
#define WEIR_CLI_CONFIG_H_

#include "CLI/CLI.hpp"
#include "cli/exit_code.h"

namespace weir {

void AddConfigVerb(CLI::App& app, ExitCode& code);

}  // namespace weir

#endif  // WEIR_CLI_CONFIG_H_
