// `weir version`: which weir this is, and what a backend module must have been
// built with to be opened by it (backend/module_abi.h). Opens nothing.
//
// Thread-safety: main's thread.
// Ownership: `app` and `code` outlive the parsing.
// Failure: none.
#ifndef WEIR_CLI_VERSION_H_
#define WEIR_CLI_VERSION_H_

#include <string>

#include "CLI/CLI.hpp"
#include "cli/exit_code.h"

namespace weir {

// The same in one line, without "weir".
std::string VersionLine();

void AddVersionVerb(CLI::App& app, ExitCode& code);

}  // namespace weir

#endif  // WEIR_CLI_VERSION_H_
