// Measures what Model::Run adds to forward() on the CPU, in time and
// allocations:
//
//   run_overhead
//
// Single runs of the two in turn, so that both see the same machine, and the
// difference of their medians. Allocations are this thread's calls of operator
// new.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sync/check.h"
#include "sync/clock.h"
#include "tests/gpu/bare/bare_loop.h"
#include "tests/support/backend_rig.h"
#include "tests/support/counted_allocations.h"
#include "tests/support/made_inputs.h"
#include "tests/support/slice.h"
#include "tests/support/tensors.h"
#include "tests/torch/torch_fixtures.h"

namespace weir {
namespace {

constexpr int kNumWarmUps = 200;
constexpr int kNumRuns = 20000;

// What one contender took.
struct Costs {
  std::vector<double> microseconds;
  int64_t allocations = 0;  // of the last run
};

template <typename Body>
void Time(const Clock& clock, const Body& body, Costs& costs) {
  const int64_t before = num_allocations;
  const TimePoint begin = clock.Now();
  body();
  costs.microseconds.push_back(1e6 * ToSeconds(clock.Now() - begin));
  costs.allocations = num_allocations - before;
}

void Measure(const std::string& name) {
  RealClock clock;
  const std::unique_ptr<Backend> backend = TorchBackend(clock);
  BackendRig rig(*backend, clock, "cpu", 1);
  const ModelSource source = TorchSource(name);
  std::unique_ptr<Model> model = rig.Load(source);
  const std::vector<NamedTensor> request =
      MadeInputs(model->signature(), 1, /*seed=*/1);
  const BatchInputs inputs{{request}, 1};
  const Shape& shape = request[0].tensor.shape();
  const auto loop = MakeBareLoop(source.path, "cpu", 1);
  const auto bare = loop->MakeRunner(0, {shape.begin(), shape.end()},
                                     ValuesOf<float>(request[0].tensor));
  Costs ours;
  Costs theirs;
  {
    SlotLease lease = OrDie(rig.pool().Acquire(-1, kNever));
    for (int i = 0; i < kNumWarmUps + kNumRuns; ++i) {
      if (i == kNumWarmUps) ours = theirs = {};
      Time(
          clock,
          [&] {
            const RunResult result = model->Run(lease, inputs, RunContext{});
            WEIR_CHECK(result.outputs.ok(), "a model that is measured answers");
          },
          ours);
      Time(
          clock, [&] { bare->Forward(); }, theirs);
    }
  }
  rig.Free(std::move(model));
  const double weir_us = Median(ours.microseconds);
  const double bare_us = Median(theirs.microseconds);
  std::printf(
      "%-12s weir %7.2f us  bare %7.2f us  difference %6.2f us  "
      "allocations %lld and %lld\n",
      name.c_str(), weir_us, bare_us, weir_us - bare_us,
      static_cast<long long>(ours.allocations),
      static_cast<long long>(theirs.allocations));
}

}  // namespace
}  // namespace weir

int main() {
  for (const char* name : {"affine", "mlp", "transformer"}) {
    weir::Measure(name);
  }
  return 0;
}
