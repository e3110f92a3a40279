// Model: a loaded model on one device: "run this batch on this slot".
//
//   RunContext context{deadline, stop, "req-17"};
//   RunResult result = model.Run(*lease, inputs, context);
//   if (result.fault) pool.Report(*lease, *result.fault);
//
// Every device call of a model holds a lease: Run, Free and its loading
// (Backend::Load). Run returns with the slot's queue empty on every path, a
// throwing one too, so the slot can be leased again at once.
//
// Thread-safety: Run may be called by several threads at once, each with a
// lease of its own; Free by one, after the last Run.
// Ownership: outputs own their memory and outlive the model's Free; an output
// that aliases an input holds the input's owner.
// Failure: values, never exceptions: this class holds the one catch above the
// backends.
#ifndef WEIR_BACKEND_MODEL_H_
#define WEIR_BACKEND_MODEL_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backend/batch_inputs.h"
#include "backend/signature.h"
#include "backend/slot_lease.h"
#include "backend/tensor.h"
#include "sync/clock.h"

namespace weir {

struct RunContext {
  TimePoint deadline = kNever;  // the latest among the requests
  const std::atomic<bool>* stop =
      nullptr;  // set: nobody waits for the answer any more
  std::string_view trace_id = {};
};

using Outputs = std::vector<NamedTensor>;

struct RunResult {
  // Dimension 0 of each output holds the rows of the requests in their order.
  absl::StatusOr<Outputs> outputs;
  RunStats stats;
  std::optional<Fault> fault;
};

class Model {
 public:
  virtual ~Model() = default;

  virtual const ModelSignature& signature() const = 0;

  // Runs the batch on the lease's slot. INVALID_ARGUMENT: the inputs' fault;
  // any other code: the model's or the device's.
  RunResult Run(SlotLease& lease, const BatchInputs& inputs,
                const RunContext& context) {
    try {
      return DoRun(lease, inputs, context);
    } catch (...) {
      return Threw(inputs);
    }
  }

  // Frees what the model holds on the device; does not throw. On a lost device
  // it is not called: the model is dropped.
  virtual void Free(SlotLease& lease) = 0;

 private:
  virtual RunResult DoRun(SlotLease& lease, const BatchInputs& inputs,
                          const RunContext& context) = 0;

  // What an exception says may hold paths and addresses: it goes no further.
  // The slot ran these rows all the same, and its lease counts as one that did.
  static RunResult Threw(const BatchInputs& inputs) {
    RunResult result{
        absl::InternalError("the model threw an exception"), {}, std::nullopt};
    result.stats.rows = inputs.rows;
    result.stats.failed = true;
    return result;
  }
};

}  // namespace weir

#endif  // WEIR_BACKEND_MODEL_H_
