// TorchBackend: libtorch as a Backend.
//
//   std::unique_ptr<Backend> backend = *LoadBackendModule(path, settings);
//
// Its devices are "cpu" and each accelerator that libtorch has a guard for, the
// accelerators first. Models are TorchScript files.
//
// Making one settles what holds for the whole process: the profiling executor
// is off, since it compiles anew for each new size of a batch, and a run on the
// CPU has `threads_per_slot` threads. Hence one backend in a process is what is
// meant; a second one with other settings changes the first one's.
//
// backend_options of a model.yaml:
//   copies: one | per_slot     for a module that writes to itself; one: it runs
//                              once at a time
//   input_guard: on | off      on: integer inputs that index a table must lie
//                              within it, where the graph shows the table
//
// Thread-safety: as Backend.
// Ownership: as Backend.
// Failure: as Backend; no exception of libtorch leaves it.
#ifndef WEIR_BACKEND_TORCH_TORCH_BACKEND_H_
#define WEIR_BACKEND_TORCH_TORCH_BACKEND_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "backend/torch/torch_device.h"

namespace weir {

class TorchBackend final : public Backend {
 public:
  explicit TorchBackend(const BackendSettings& settings);

  std::string name() const override { return "torch"; }
  std::vector<std::string> Facts() const override;
  std::vector<DeviceInfo> Devices() const override;
  absl::StatusOr<Probed> Probe(
      const std::string& device, int slots_max,
      absl::FunctionRef<void(int num_found)> found) override;
  absl::StatusOr<std::unique_ptr<ModelFile>> Read(
      const ModelSource& source) override;
  absl::StatusOr<std::unique_ptr<Model>> Load(SlotLease& lease,
                                              ModelFile& file) override;
  void EmptyCache(SlotLease& lease) override;
  DeviceMemory Memory(const std::string& device) const override;
  absl::Status Revive(SlotLease& lease) override;

 private:
  TorchDevice* Find(const std::string& device) const;
  // REQUIRES: the lease is of one of the backend's devices.
  TorchDevice& DeviceOf(const SlotLease& lease) const;

  Clock& clock_;
  const std::vector<std::unique_ptr<TorchDevice>> devices_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_BACKEND_H_
