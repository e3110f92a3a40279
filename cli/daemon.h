// RunDaemon: a server in this process, from its start to its end by a signal.
//
//   return RunDaemon(plan, *ProgramPath(), [](Server& server) {
//     std::puts(server.ReadyLine().c_str());
//     return kExitOk;
//   });
//
// Thread-safety: main's thread, before there are others.
// Ownership: owns the server and all that it needs.
// Failure: the exit codes of exit_code.h, and a sentence on standard error.
// Ends the process itself where runs are stuck, or where it is asked to end
// twice.
#ifndef WEIR_CLI_DAEMON_H_
#define WEIR_CLI_DAEMON_H_

#include <functional>
#include <string>

#include "cli/exit_code.h"
#include "cli/serve_plan.h"
#include "server/server.h"

namespace weir {

// Called once, when every model can answer. Another code than kExitOk ends the
// daemon with it.
using DaemonReady = std::function<ExitCode(Server& server)>;

// `program`: this one's path, to start it again as the self-test's child.
ExitCode RunDaemon(const ServePlan& plan, const std::string& program,
                   const DaemonReady& on_ready);

}  // namespace weir

#endif  // WEIR_CLI_DAEMON_H_
