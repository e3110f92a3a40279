// TorchDevice: one device of libtorch, its slots, its waiting and its memory.
//
//   TorchDevice device(c10::Device("cuda:0"), settings.config, clock);
//   absl::StatusOr<Probed> probed = device.Probe(4);
//
// Nothing here knows a kind of accelerator: all goes through libtorch's
// device-generic interface, and what a device can do is tried when it is
// probed. The CPU alone is special, for its slots are permits without streams.
//
// Thread-safety: Probe by one thread, before anything else; the rest by any.
// A stream may belong to the thread that asked for it, so the thread that
// probes must live as long as the slots do. Ownership: borrows the clock.
// Failure: statuses, but for Wait, which throws what libtorch throws.
#ifndef WEIR_BACKEND_TORCH_TORCH_DEVICE_H_
#define WEIR_BACKEND_TORCH_TORCH_DEVICE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "backend/torch/torch_slot.h"
#include "backend/torch/torch_staging.h"
#include "backend/torch/torch_synchronizer.h"
#include "backend/torch/wait_pace.h"
#include "c10/core/Device.h"
#include "config/config.h"
#include "sync/clock.h"

namespace weir {

class TorchDevice {
 public:
  TorchDevice(c10::Device device, const BackendConfig& config, Clock& clock);

  // "cpu", "cuda:0".
  const std::string& name() const { return name_; }
  const c10::Device& torch_device() const { return device_; }
  bool is_host() const { return device_.is_cpu(); }
  DeviceInfo Info() const;

  // As Backend::Probe.
  absl::StatusOr<Probed> Probe(int slots_max,
                               absl::FunctionRef<void(int num_found)> found);

  // The following REQUIRE a Probe that was OK.
  int num_slots() const { return num_slots_; }
  bool has_fp64() const { return has_fp64_; }
  // Of an accelerator.
  TorchStaging& staging() { return *staging_; }

  // Waits until the slot's queue is empty, at the pace of a model whose run it
  // is, if any. Throws what libtorch throws.
  void Wait(const TorchSlot& slot, WaitPace* pace = nullptr) const;

  // OK where the slot can still be given work and be waited for.
  absl::Status Try(const TorchSlot& slot) const;

  // Waits after something threw: nothing where that works, else what is at
  // fault.
  std::optional<Fault> FindFault(const TorchSlot& slot) const;

  DeviceMemory Memory() const;
  void EmptyCache();

 private:
  c10::Stream FirstStream() const;
  // Adds new streams to the first until there are `slots_max`, or there is none
  // that is not there yet.
  void TakeStreams(int slots_max, std::vector<c10::Stream>& streams,
                   absl::FunctionRef<void(int num_found)> found,
                   std::vector<std::string>& warnings) const;
  absl::Status TryAbilities(const c10::Stream& stream);

  const c10::Device device_;
  const std::string name_;
  const BackendConfig config_;
  Clock& clock_;

  // Written by Probe, constant after it.
  bool was_probed_ = false;
  int num_slots_ = 0;
  bool has_fp64_ = true;
  std::optional<TorchSynchronizer> synchronizer_;
  std::unique_ptr<TorchStaging> staging_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_DEVICE_H_
