// TorchModel: a TorchScript model on one device.
//
// Made by TorchBackend::Load; others see it as a Model. All of a run's work,
// its copies included, is given to the lease's stream and waited for before Run
// returns.
//
// On the CPU an aligned input of a batch of one is used where it lies; all
// other inputs are gathered once, into memory that the device copies from.
// Outputs are views of the memory that they were computed in or copied to. One
// that shares memory with an attribute of the module is copied, for the next
// run may write there.
//
// A module that writes to itself runs once at a time, or is there once for each
// slot where the model's configuration says `copies: per_slot`.
//
// Thread-safety: as Model.
// Ownership: borrows its device and the clock, which outlive it.
// Failure: as Model; what libtorch throws becomes a status here.
#ifndef WEIR_BACKEND_TORCH_TORCH_MODEL_H_
#define WEIR_BACKEND_TORCH_TORCH_MODEL_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "backend/model.h"
#include "backend/torch/torch_arguments.h"
#include "backend/torch/torch_device.h"
#include "backend/torch/torch_graph.h"
#include "backend/torch/torch_results.h"
#include "sync/clock.h"
#include "torch/csrc/jit/api/module.h"

namespace weir {

// What was read of a model: its module, in host memory, and what is known of
// it.
struct TorchModelFile final : ModelFile {
  std::string name;
  torch::jit::Module module;
  TorchGraph graph;
  ModelSignature signature;
  std::vector<std::string> output_names;
  // Absent where the inputs are not declared: then each request tells.
  std::optional<TorchArguments> arguments;
  bool has_copy_per_slot = false;
};

class TorchModel final : public Model {
 public:
  // Puts the file's module on the slot's device. FAILED_PRECONDITION: it cannot
  // run there.
  static absl::StatusOr<std::unique_ptr<Model>> Load(TorchDevice& device,
                                                     const TorchSlot& slot,
                                                     const TorchModelFile& file,
                                                     Clock& clock);

  const ModelSignature& signature() const override { return signature_; }
  void Free(SlotLease& lease) override;

 private:
  // One module on the device, with forward() looked up.
  struct Instance {
    torch::jit::Module module;
    torch::jit::Method forward;
    // The memory of its parameters, buffers and other attributes.
    std::unordered_set<const void*> storages;
  };
  struct Call;

  TorchModel(TorchDevice& device, const TorchModelFile& file, Clock& clock);

  // Throws what libtorch throws.
  void AddInstance(const TorchModelFile& file);
  RunResult DoRun(SlotLease& lease, const BatchInputs& inputs,
                  const RunContext& context) override;
  absl::Status Check(const BatchInputs& inputs) const;
  absl::StatusOr<Outputs> RunOnSlot(Call& call);
  absl::StatusOr<at::Tensor> Gather(Call& call, size_t input) const;
  at::Tensor GatherOnHost(const Call& call, size_t input) const;
  at::Tensor GatherOnDevice(Call& call, size_t input) const;
  absl::StatusOr<std::vector<TorchResult>> Forward(
      Call& call, const std::vector<at::Tensor>& tensors) const;
  absl::StatusOr<Outputs> Answer(Call& call, std::vector<TorchResult> results);
  absl::StatusOr<NamedTensor> AnswerOne(Call& call, TorchResult result) const;
  void Wait(Call& call);

  TorchDevice& device_;
  Clock& clock_;
  const std::string name_;
  const ModelSignature signature_;
  const std::vector<std::string> output_names_;
  const std::optional<TorchArguments> arguments_;
  const bool writes_to_inputs_;
  const bool writes_to_itself_;
  // A device in the graph that is not this one; empty: none.
  const std::string fixed_device_;
  // One for all slots, or one for each.
  std::vector<std::unique_ptr<Instance>> instances_;
  // What a wait takes as a rule, in nanoseconds. Relaxed: it is a hint that
  // orders nothing.
  std::atomic<int64_t> usual_wait_ = 0;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_MODEL_H_
