// FakeRig: a fake backend with one device and its pool, as a server would have
// put them together.
//
//   FakeRig rig(/*num_slots=*/2);
//   rig.backend.Script("m", {.fails = {.every = 2}});
//   std::unique_ptr<Model> model = rig.Load("m");
//   RunResult result = rig.Run(*model, {FloatTensor({1, 2}, {1, 2})});
//   rig.Free(std::move(model));
//
// Thread-safety: as its parts'.
// Ownership: owns clock, backend and pool; models are freed before it goes.
// Failure: dies where the fake refuses what a test takes for granted.
#ifndef WEIR_TESTS_SUPPORT_FAKE_RIG_H_
#define WEIR_TESTS_SUPPORT_FAKE_RIG_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backend/fake/fake_backend.h"
#include "backend/slot_pool.h"
#include "config/model_config.h"
#include "sync/simulated_clock.h"

namespace weir {

struct FakeRig {
  explicit FakeRig(int num_slots)
      : pool("fake:0", std::move(backend.Probe("fake:0", num_slots)->slots),
             clock, nullptr) {}

  absl::StatusOr<std::unique_ptr<Model>> TryLoad(
      const std::string& name, const ModelConfig& config = {}) {
    absl::StatusOr<std::unique_ptr<ModelFile>> file = backend.Read(
        {.name = name, .version = 1, .path = "", .config = config});
    if (!file.ok()) return std::move(file).status();
    SlotLease lease = *pool.Acquire(-1, kNever);
    return backend.Load(lease, **file);
  }
  std::unique_ptr<Model> Load(const std::string& name,
                              const ModelConfig& config = {}) {
    return *TryLoad(name, config);
  }

  // Runs one request with one input "x" each, on the first slot to be had.
  RunResult Run(Model& model, const std::vector<Tensor>& requests,
                const RunContext& context = {}) {
    SlotLease lease = *pool.Acquire(-1, kNever);
    std::vector<NamedTensor> named;
    BatchInputs inputs;
    for (const Tensor& tensor : requests) named.push_back({"x", tensor});
    for (const NamedTensor& tensor : named) {
      inputs.requests.emplace_back(&tensor, 1);
      inputs.rows += tensor.tensor.rows();
    }
    RunResult result = model.Run(lease, inputs, context);
    if (result.fault.has_value()) pool.Report(lease, *result.fault);
    lease.Release(result.stats);
    return result;
  }

  void Free(std::unique_ptr<Model> model) {
    SlotLease lease = *pool.Acquire(-1, kNever);
    model->Free(lease);
  }

  SimulatedClock clock;
  FakeBackend backend{FakeBackend::Options{}, clock};
  SlotPool pool;
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_FAKE_RIG_H_
