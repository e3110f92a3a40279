// BackendRig: one device of any backend and the pool of its slots.
//
//   BackendRig rig(*backend, clock, "cuda:0", /*num_slots=*/8);
//   std::unique_ptr<Model> model = rig.Load(source);
//   SlotLease lease = *rig.pool().Acquire(-1, kNever);
//   RunResult result = RunTogether(*model, lease, {request, another});
//   lease.Release(result.stats);
//   rig.Free(std::move(model));
//
// Thread-safety: the pool's is its own; the rest by one thread.
// Ownership: borrows backend and clock; models are freed before it goes.
// Failure: dies where the backend refuses what a test takes for granted.
#ifndef WEIR_TESTS_SUPPORT_BACKEND_RIG_H_
#define WEIR_TESTS_SUPPORT_BACKEND_RIG_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backend/backend.h"
#include "backend/slot_pool.h"
#include "sync/check.h"
#include "sync/clock.h"

namespace weir {

// Not `value()`: abseil may be built to throw there.
template <typename Value>
Value OrDie(absl::StatusOr<Value> value) {
  if (!value.ok()) {
    internal::CheckFailed(__FILE__, __LINE__, value.status().ToString().c_str(),
                          "what a test takes for granted");
  }
  return *std::move(value);
}

class BackendRig {
 public:
  BackendRig(Backend& backend, Clock& clock, const std::string& device,
             int num_slots)
      : backend_(backend),
        pool_(device, OrDie(backend.Probe(device, num_slots)).slots, clock,
              nullptr) {}

  SlotPool& pool() { return pool_; }

  std::unique_ptr<Model> Load(const ModelSource& source) {
    const std::unique_ptr<ModelFile> file = OrDie(backend_.Read(source));
    SlotLease lease = OrDie(pool_.Acquire(-1, kNever));
    return OrDie(backend_.Load(lease, *file));
  }
  void Free(std::unique_ptr<Model> model) {
    SlotLease lease = OrDie(pool_.Acquire(-1, kNever));
    model->Free(lease);
  }

 private:
  Backend& backend_;
  SlotPool pool_;
};

// The requests as one batch.
inline RunResult RunTogether(
    Model& model, SlotLease& lease,
    const std::vector<std::vector<NamedTensor>>& requests) {
  BatchInputs inputs;
  for (const std::vector<NamedTensor>& request : requests) {
    inputs.requests.emplace_back(request);
    inputs.rows += request.empty() ? 1 : request[0].tensor.rows();
  }
  return model.Run(lease, inputs, RunContext{});
}

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_BACKEND_RIG_H_
