// `weir bench`: how quickly a server answers, and how often.
//
//   weir bench mlp
//   weir bench mlp --concurrency 1,8,64 --time 10s --input x=random:1,256
//   weir bench mlp --requests 100000 --json
//
// A closed loop: so many requests are under way at once, each followed by the
// next. Before each level it warms up, and counts nothing. It sends the same
// request each time. A client for each 64 at once, for a connection carries
// about 100.
//
// Ctrl-C ends it early and prints what there is; a second one ends it at once.
//
// Exit codes: 0 all levels had answers, 1 one had none, or the server says no,
// 2 the arguments are wrong.
//
// Thread-safety: main's thread, once a process: it takes SIGINT.
// Ownership: `app` and `code` outlive the parsing.
// Failure: exit codes, and a sentence on standard error.
#ifndef WEIR_CLI_BENCH_H_
#define WEIR_CLI_BENCH_H_

#include "CLI/CLI.hpp"
#include "cli/exit_code.h"

namespace weir {

void AddBenchVerb(CLI::App& app, ExitCode& code);

}  // namespace weir

#endif  // WEIR_CLI_BENCH_H_
