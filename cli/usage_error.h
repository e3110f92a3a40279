// UsageErrorText: what is wrong with a command line, for whoever typed it.
//
//   catch (const CLI::ParseError& error) {
//     std::fputs(UsageErrorText(app, error).c_str(), stderr);
//   }
//   // servee: no such verb; did you mean serve?; see weir --help
//
// A word that nobody knows is told before what is missing, for it probably was
// meant to be that.
//
// Thread-safety: main's thread.
// Ownership: a value.
// Failure: none.
#ifndef WEIR_CLI_USAGE_ERROR_H_
#define WEIR_CLI_USAGE_ERROR_H_

#include <string>

#include "CLI/CLI.hpp"

namespace weir {

// REQUIRES: `app` has parsed, which ended with `error`.
std::string UsageErrorText(const CLI::App& app, const CLI::ParseError& error);

}  // namespace weir

#endif  // WEIR_CLI_USAGE_ERROR_H_
