// RunAsSelftestChild: the process that a self-test may crash. It does what the
// plan says and reports it on descriptor 3 (backend/self_test_fact.h).
//
// It ends when its parent does: its descriptor 0 is a pipe that ends then, and
// a thread waits for that, whatever the others hang in.
//
// Thread-safety: main's thread, once.
// Ownership: none.
// Failure: does not return. A device that fails takes the process with it: the
// parent sees to that.
#ifndef WEIR_CLI_SELFTEST_CHILD_H_
#define WEIR_CLI_SELFTEST_CHILD_H_

#include "cli/selftest_plan.h"

namespace weir {

[[noreturn]] void RunAsSelftestChild(const SelftestPlan& plan);

}  // namespace weir

#endif  // WEIR_CLI_SELFTEST_CHILD_H_
