// TorchRun: one run of a model on a slot, from the batch's inputs to its
// outputs.
//
//   TorchRun run(plan, instance, slot, inputs);
//   absl::StatusOr<Outputs> outputs = run.Do();
//   run.stats();
//
// On the CPU an aligned input of a batch of one is used where it lies; all
// other inputs are gathered once, into memory that the device copies from.
// Outputs are views of the memory that they were computed in or copied to. One
// that shares memory with an attribute of the module is copied, for the next
// run may write there.
//
// Thread-safety: one thread.
// Ownership: borrows all that it is given. Keeps what the device may still
// copy from or to: where Do threw, or gave no outputs, it must live until the
// slot's queue is empty.
// Failure: Do throws what libtorch throws, and then has not waited.
#ifndef WEIR_BACKEND_TORCH_TORCH_RUN_H_
#define WEIR_BACKEND_TORCH_TORCH_RUN_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "absl/status/statusor.h"
#include "backend/model.h"
#include "backend/torch/torch_arguments.h"
#include "backend/torch/torch_device.h"
#include "backend/torch/torch_instance.h"
#include "backend/torch/torch_results.h"
#include "backend/torch/torch_slot.h"
#include "backend/torch/wait_pace.h"
#include "sync/clock.h"

namespace weir {

// What all runs of a model have in common.
struct TorchRunPlan {
  TorchDevice& device;
  Clock& clock;
  std::string model_name;
  std::vector<std::string> output_names;
  // Absent where the inputs are not declared: then each request tells.
  std::optional<TorchArguments> arguments;
  bool writes_to_inputs = false;
  bool writes_to_itself = false;
};

class TorchRun {
 public:
  TorchRun(const TorchRunPlan& plan, TorchInstance& instance,
           const TorchSlot& slot, const BatchInputs& inputs)
      : plan_(plan), instance_(instance), slot_(slot), inputs_(inputs) {}
  TorchRun(const TorchRun&) = delete;
  TorchRun& operator=(const TorchRun&) = delete;

  // Returns with the slot's queue empty where it returns outputs. `pace` is the
  // model's. REQUIRES: called once; the inputs are of the model's signature.
  absl::StatusOr<Outputs> Do(WaitPace& pace);

  // How long gathering and running took, as far as Do came.
  const RunStats& stats() const { return stats_; }

 private:
  at::Tensor Gather(size_t input);
  at::Tensor GatherOnHost(size_t input) const;
  at::Tensor GatherOnDevice(size_t input);
  absl::StatusOr<TorchResults> Forward(at::ArrayRef<at::Tensor> tensors) const;
  absl::StatusOr<NamedTensor> Answer(TorchResult result);
  absl::StatusOr<NamedTensor> AnswerFromHost(TorchResult result,
                                             DataType type) const;
  absl::StatusOr<NamedTensor> AnswerFromDevice(const TorchResult& result,
                                               DataType type);

  const TorchRunPlan& plan_;
  TorchInstance& instance_;
  const TorchSlot& slot_;
  const BatchInputs& inputs_;
  RunStats stats_;
  std::vector<std::shared_ptr<std::byte>> staged_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_RUN_H_
