// What a request costs in the scheduler, with one model and with sixteen.
#include "benchmark/benchmark.h"
#include "tests/bench/turn.h"

namespace weir {
namespace {

void BM_Turn(benchmark::State& state) {
  Turns turns(static_cast<int>(state.range(0)));
  for (auto _ : state) turns.Take();
}
BENCHMARK(BM_Turn)->Arg(1)->Arg(16);

}  // namespace
}  // namespace weir
