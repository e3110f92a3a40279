// TorchModel: a TorchScript model on one device.
//
// Made by TorchBackend::Load; others see it as a Model. All of a run's work
// (TorchRun), its copies included, is given to the lease's stream and waited
// for before Run returns.
//
// A module that writes to itself runs once at a time, or is there once for each
// slot where the model's configuration says `copies: per_slot`.
//
// Thread-safety: as Model.
// Ownership: borrows its device and the clock, which outlive it.
// Failure: as Model; what libtorch throws becomes a status here.
#ifndef WEIR_BACKEND_TORCH_TORCH_MODEL_H_
#define WEIR_BACKEND_TORCH_TORCH_MODEL_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "backend/model.h"
#include "backend/torch/torch_arguments.h"
#include "backend/torch/torch_device.h"
#include "backend/torch/torch_graph.h"
#include "backend/torch/torch_instance.h"
#include "backend/torch/torch_run.h"
#include "backend/torch/wait_pace.h"
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
  TorchModel(TorchDevice& device, const TorchModelFile& file, Clock& clock);

  // Throws what libtorch throws.
  void AddInstance(const TorchModelFile& file);
  // Frees what lies on the device; returns with the slot's queue empty.
  void DropInstances(const TorchSlot& slot);
  RunResult DoRun(SlotLease& lease, const BatchInputs& inputs,
                  const RunContext& context) override;
  absl::Status Check(const BatchInputs& inputs) const;
  // What the run answers, or what it threw.
  absl::StatusOr<Outputs> Caught(TorchRun& run, const BatchInputs& inputs);

  TorchDevice& device_;
  const ModelSignature signature_;
  const TorchRunPlan plan_;
  // A device in the graph that is not this one; empty: none.
  const std::string fixed_device_;
  // One for all slots, or one for each.
  std::vector<std::unique_ptr<TorchInstance>> instances_;
  WaitPace pace_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_MODEL_H_
