// What a lease costs next to the bare lock in lock_bench.cc.
#include <memory>
#include <utility>
#include <vector>

#include "backend/slot_pool.h"
#include "benchmark/benchmark.h"
#include "sync/clock.h"

namespace weir {
namespace {

void BM_Lease(benchmark::State& state) {
  RealClock clock;
  std::vector<std::unique_ptr<Slot>> slots;
  for (int i = 0; i < 16; ++i) {
    slots.push_back(std::make_unique<Slot>("cpu", i, "permit"));
  }
  SlotPool pool("cpu", std::move(slots), clock, nullptr);
  for (auto _ : state) {
    absl::StatusOr<SlotLease> lease = pool.Acquire(/*hint=*/3, kNever);
    benchmark::DoNotOptimize(lease);
    lease->Release(RunStats{Duration(0), Duration(1), 1, false});
  }
}
BENCHMARK(BM_Lease);

}  // namespace
}  // namespace weir
