// The yardstick: what locking and unlocking costs with nobody else about.
#include <mutex>

#include "benchmark/benchmark.h"
#include "sync/mutex.h"

namespace weir {
namespace {

void BM_StandardLock(benchmark::State& state) {
  std::mutex mutex;
  for (auto _ : state) {
    std::lock_guard<std::mutex> lock(mutex);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_StandardLock);

void BM_Lock(benchmark::State& state) {
  Mutex mutex;
  for (auto _ : state) {
    MutexLock lock(mutex);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(BM_Lock);

}  // namespace
}  // namespace weir
