// `weir doctor`: what is right and wrong with weir on this machine, on one page
// for a report of a fault.
//
//   weir doctor --config weir.yaml --models models
//
// Each line is ok, a warning or a problem, with what to do. It runs the models
// on each configured device, in a child process, so that a crash is told too.
// It shows no variable's value but of those that the backend's libraries read.
//
// Exit codes: 0 no problem, 1 some, 2 the arguments are wrong.
//
// Thread-safety: main's thread.
// Ownership: `app` and `code` outlive the parsing.
// Failure: exit codes; what fails is a finding.
#ifndef WEIR_CLI_DOCTOR_H_
#define WEIR_CLI_DOCTOR_H_

#include "CLI/CLI.hpp"
#include "cli/exit_code.h"

namespace weir {

void AddDoctorVerb(CLI::App& app, ExitCode& code);

}  // namespace weir

#endif  // WEIR_CLI_DOCTOR_H_
