// From handing over a request until a worker runs it, next to the bare
// hand-over of a flag between two threads. Both are timed from before the one
// side acts until the other side runs, while that side sleeps at the start.
#include <atomic>
#include <chrono>
#include <memory>
#include <utility>

#include "benchmark/benchmark.h"
#include "server/pipeline/pipeline.h"
#include "sync/clock.h"
#include "sync/thread.h"
#include "tests/support/memory_observer.h"
#include "tests/support/replies.h"
#include "tests/support/tensors.h"

namespace weir {
namespace {

// Long enough for the other side to be asleep again.
void LetSleep() {
  const RealClock clock;
  const TimePoint until = clock.Now() + std::chrono::microseconds(30);
  while (clock.Now() < until) {
  }
}

void BM_BareHandOff(benchmark::State& state) {
  const RealClock clock;
  Mutex mutex;
  CondVar changed;
  CondVar answered;
  int sent = 0;
  int seen = 0;
  TimePoint ran;
  Thread other("other", [&] {
    MutexLock lock(mutex);
    while (seen >= 0) {
      while (sent == seen) changed.Wait(mutex);
      ran = clock.Now();
      seen = sent < 0 ? -1 : sent;
      answered.NotifyOne();
    }
  });
  for (auto _ : state) {
    LetSleep();
    const TimePoint start = clock.Now();
    {
      MutexLock lock(mutex);
      ++sent;
    }
    changed.NotifyOne();
    MutexLock lock(mutex);
    while (seen != sent) answered.Wait(mutex);
    state.SetIterationTime(ToSeconds(ran - start));
  }
  {
    MutexLock lock(mutex);
    sent = -1;
  }
  changed.NotifyOne();
}
BENCHMARK(BM_BareHandOff)->UseManualTime()->Iterations(20000);

// Measures nothing, so that what is measured is the pipeline.
struct NoMetrics final : Metrics {
  struct Nothing final : Histogram {
    void Observe(double) override {}
  };
  struct Series final : VersionSeries {
    Series() {
      batch_rows = queue_seconds = slot_wait_seconds = &nothing;
      gather_seconds = run_seconds = &nothing;
    }
    Nothing nothing;
  };
  std::unique_ptr<VersionSeries> MakeVersionSeries(const std::string&,
                                                   int64_t) override {
    return std::make_unique<Series>();
  }
};

// A model that notes when it runs.
class NotingBackend final : public Backend {
 public:
  std::string name() const override { return "noting"; }
  std::vector<DeviceInfo> Devices() const override { return {{"cpu", 1}}; }
  absl::StatusOr<Probed> Probe(const std::string& device, int,
                               absl::FunctionRef<void(int)>) override {
    Probed probed;
    probed.slots.push_back(std::make_unique<Slot>(device, 0, "permit"));
    return probed;
  }
  absl::StatusOr<std::unique_ptr<ModelFile>> Read(const ModelSource&) override {
    return std::make_unique<ModelFile>();
  }
  absl::StatusOr<std::unique_ptr<Model>> Load(SlotLease&, ModelFile&) override {
    return std::make_unique<Noting>(*this);
  }
  void EmptyCache(SlotLease&) override {}
  DeviceMemory Memory(const std::string&) const override { return {}; }
  absl::Status Revive(SlotLease&) override { return absl::OkStatus(); }

  std::atomic<TimePoint> ran = TimePoint();

 private:
  struct Noting final : Model {
    explicit Noting(NotingBackend& to) : backend(to) {}
    const ModelSignature& signature() const override { return declared; }
    void Free(SlotLease&) override {}
    RunResult DoRun(SlotLease&, const BatchInputs&,
                    const RunContext&) override {
      backend.ran = RealClock().Now();
      return RunResult{Outputs(), {}, std::nullopt};
    }
    NotingBackend& backend;
    ModelSignature declared;
  };
};

void BM_HandOff(benchmark::State& state) {
  RealClock clock;
  NotingBackend backend;
  NoMetrics metrics;
  MemoryObserver observer;
  auto pipeline =
      *Pipeline::Create(Config(), backend, clock, metrics, observer);
  pipeline->store().Load({.name = "m"}, [](auto) {});
  observer.Await("m/1 ready");
  const Tensor x = FloatTensor({1, 1}, {1});
  for (auto _ : state) {
    LetSleep();
    Reply reply;
    auto request =
        std::make_unique<Request>(reply.MakeCompletion(pipeline->ledger()));
    request->ticket = pipeline->admission().NewTicket();
    request->inputs.push_back({"x", x});
    const TimePoint start = clock.Now();
    pipeline->admission().Submit("m", 0, std::move(request));
    reply.Await();
    state.SetIterationTime(ToSeconds(backend.ran.load() - start));
  }
}
BENCHMARK(BM_HandOff)->UseManualTime()->Iterations(20000);

}  // namespace
}  // namespace weir
