// `weir selftest`: whether a device bears several runs at once.
//
//   weir selftest --device mps --slots 4 --model models/unet/model.pt
//
// It starts itself as the child that does the work (backend/self_test_child.h,
// cli/selftest_child.h) and tells a person what came of it. Exit codes: 0 the
// device keeps its slots, 1 it falls back to one or does not work, 2 the
// arguments or the configuration are wrong.
//
// Thread-safety: main's thread.
// Ownership: `app` and `code` outlive the parsing.
// Failure: exit codes, and a sentence on standard error.
#ifndef WEIR_CLI_SELFTEST_H_
#define WEIR_CLI_SELFTEST_H_

#include "CLI/CLI.hpp"
#include "cli/exit_code.h"

namespace weir {

void AddSelftestVerb(CLI::App& app, ExitCode& code);

}  // namespace weir

#endif  // WEIR_CLI_SELFTEST_H_
