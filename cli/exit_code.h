// ExitCode: what `weir` ends with, and how a verb says why it did nothing.
//
//   if (!plan.ok()) return Refuse(plan.status());
//
// Thread-safety: pure but for standard error.
// Ownership: none.
// Failure: none.
#ifndef WEIR_CLI_EXIT_CODE_H_
#define WEIR_CLI_EXIT_CODE_H_

#include <cstdio>
#include <string>

#include "absl/status/status.h"

namespace weir {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailed = 1,        // the answer is no
  kExitBadArguments = 2,  // usage or configuration: nothing was done
  kExitDrainCut = 3,      // the daemon ended before all was answered
  kExitDeviceLost = 4,    // the daemon ended because a device is lost
};

// Tells what is wrong with the arguments or the configuration.
inline ExitCode Refuse(const absl::Status& status) {
  std::fprintf(stderr, "weir: %s\n", std::string(status.message()).c_str());
  return kExitBadArguments;
}

}  // namespace weir

#endif  // WEIR_CLI_EXIT_CODE_H_
