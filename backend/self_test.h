// RunSelfTest: whether a device bears several runs at once.
//
//   SelfTestOptions options{.device = "mps", .slots = 4, .models = sources};
//   RunSelfTest(backend, options, clock, [](const SelfTestFact& fact) {
//     WriteLine(ToLine(fact));
//   });
//
// Probes the device, loads the models, runs each alone for the answers to hold
// the others against, and then runs them on 2, 3, 4, 6, 8, ... slots at once:
// in even rounds all the same, in odd rounds mixed. An answer that is not the
// same to the last bit is wrong; the first one ends the test. Every run is
// unbatched and holds a lease of its own, as a worker's.
//
// It runs in a child process (backend/self_test_child.h), for what it looks for
// may crash or hang.
//
// Thread-safety: any thread; `report` is called on the caller's.
// Ownership: borrows all it is given. Its threads and models are gone when it
// returns.
// Failure: all it has to say it reports; the last fact is kEnd. A model that
// cannot be tested is reported as kUntested: one without declared inputs, with
// state between runs, with answers that change from run to run, or that cannot
// be loaded.
#ifndef WEIR_BACKEND_SELF_TEST_H_
#define WEIR_BACKEND_SELF_TEST_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "backend/backend.h"
#include "backend/self_test_fact.h"
#include "sync/clock.h"

namespace weir {

struct SelfTestOptions {
  // As in the configuration; auto is the first that the backend has.
  std::string device = "auto";
  // As in the configuration; nothing is what the backend takes for itself.
  std::optional<int> slots = std::nullopt;
  // At most kSelfTestModelsMax.
  std::vector<ModelSource> models = {};
  // Of each number of slots: 1 to kSelfTestRoundsMax.
  int rounds = 20;
  // Of the inputs' values.
  uint64_t seed = 1;
};

using SelfTestReport = absl::FunctionRef<void(const SelfTestFact&)>;

void RunSelfTest(Backend& backend, const SelfTestOptions& options, Clock& clock,
                 SelfTestReport report);

// The numbers of slots to try: 2, 3, 4, 6, 8, 12, 16, ... and slots_max.
std::vector<int> SelfTestSteps(int slots_max);

}  // namespace weir

#endif  // WEIR_BACKEND_SELF_TEST_H_
