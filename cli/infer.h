// `weir infer`: one inference, printed.
//
//   weir infer mlp
//   weir infer mlp --input x=random:4,256 --output y --json
//   weir infer mlp --input x=x.npy --address unix:/run/weir/weir.sock
//
// It asks the server what the model takes, so that an array needs no datatype
// and an input can be left out. Exit codes: 0 there are outputs, 1 the server,
// or the way to it, says no, 2 the arguments are wrong; nothing was inferred.
//
// Thread-safety: main's thread.
// Ownership: `app` and `code` outlive the parsing.
// Failure: exit codes, and a sentence on standard error; with --json what the
// server said is {"error": ...} on standard output.
#ifndef WEIR_CLI_INFER_H_
#define WEIR_CLI_INFER_H_

#include "CLI/CLI.hpp"
#include "cli/exit_code.h"
#include "cli/infer_plan.h"

namespace weir {

void AddInferVerb(CLI::App& app, ExitCode& code);

// The options of every verb that asks a model.
void AddInferOptions(CLI::App& verb, InferArguments& arguments);

}  // namespace weir

#endif  // WEIR_CLI_INFER_H_
