// RunSelfTestChild: the self-test of a device, in a process that may crash or
// hang without harm.
//
//   SelfTestChildOptions options;
//   options.command = {"/usr/bin/weir", "selftest", "--child", ...};
//   options.device = "mps";
//   options.slots = 4;
//   absl::StatusOr<SelfTestVerdict> verdict = RunSelfTestChild(options);
//   // verdict->slots are to be used; verdict->evidence is for the operator
//
// The child reports lines (backend/self_test_fact.h) on descriptor 3. One that
// is silent for too long is killed. One that fails in the probe, once slots
// were found, is followed by a second that asks for no more than those.
//
// Thread-safety: any thread; blocks until the child is gone.
// Ownership: no process is left behind, and a child ends when we do.
// Failure: UNAVAILABLE: not even one slot works, or the child does not start.
#ifndef WEIR_BACKEND_SELF_TEST_CHILD_H_
#define WEIR_BACKEND_SELF_TEST_CHILD_H_

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/self_test_verdict.h"
#include "sync/clock.h"

namespace weir {

struct SelfTestChildOptions {
  // The program's path and its arguments; `--device` and `--slots` are added.
  std::vector<std::string> command = {};
  // As in the configuration.
  std::string device = "auto";
  // As in the configuration; nothing is what the backend takes for itself.
  std::optional<int> slots = std::nullopt;
  // The longest silence of a child that probes, or runs models. A run of a
  // model must end within it, the first one of each shape too.
  Duration step_time_max = std::chrono::seconds(10);
  // The longest silence of one that starts, opens the module or loads a model.
  Duration load_time_max = std::chrono::seconds(300);
  // Of the whole test.
  Duration total_time_max = std::chrono::minutes(30);
};

absl::StatusOr<SelfTestVerdict> RunSelfTestChild(
    const SelfTestChildOptions& options);

}  // namespace weir

#endif  // WEIR_BACKEND_SELF_TEST_CHILD_H_
