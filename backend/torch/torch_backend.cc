#include "backend/torch/torch_backend.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "ATen/Parallel.h"
#include "absl/strings/str_cat.h"
#include "backend/torch/libtorch_version.h"
#include "backend/torch/torch_error.h"
#include "backend/torch/torch_file.h"
#include "backend/torch/torch_model.h"
#include "c10/core/impl/DeviceGuardImplInterface.h"
#include "sync/check.h"
#include "torch/csrc/jit/runtime/graph_executor.h"

namespace weir {
namespace {

void SettleProcess(const BackendConfig& config) {
  torch::jit::getProfilingMode() = false;
  at::set_num_threads(config.threads_per_slot);
  try {
    at::set_num_interop_threads(1);  // of prim::fork on the CPU
  } catch (const std::exception&) {
    // They run already, so an earlier backend has set it.
  }
}

// Devices that have a guard and compute nothing.
bool IsUnreal(c10::DeviceType type) {
  return type == c10::DeviceType::Meta || type == c10::DeviceType::Lazy;
}

std::vector<std::unique_ptr<TorchDevice>> FindDevices(
    const BackendSettings& settings) {
  std::vector<std::unique_ptr<TorchDevice>> devices;
  const auto add = [&](c10::Device device) {
    devices.push_back(std::make_unique<TorchDevice>(device, settings.config,
                                                    *settings.clock));
  };
  for (int i = 0; i < c10::COMPILE_TIME_MAX_DEVICE_TYPES; ++i) {
    const auto type = static_cast<c10::DeviceType>(i);
    if (type == c10::DeviceType::CPU || IsUnreal(type) ||
        !c10::impl::hasDeviceGuardImpl(type)) {
      continue;
    }
    const c10::DeviceIndex count =
        c10::impl::getDeviceGuardImpl(type)->deviceCount();
    for (c10::DeviceIndex index = 0; index < count; ++index) {
      add(c10::Device(type, index));
    }
  }
  add(c10::Device(c10::DeviceType::CPU));
  return devices;
}

}  // namespace

TorchBackend::TorchBackend(const BackendSettings& settings)
    : clock_(*settings.clock), devices_(FindDevices(settings)) {
  SettleProcess(settings.config);
}

TorchDevice* TorchBackend::Find(const std::string& device) const {
  const auto found =
      std::find_if(devices_.begin(), devices_.end(),
                   [&](const auto& known) { return known->name() == device; });
  return found == devices_.end() ? nullptr : found->get();
}

TorchDevice& TorchBackend::DeviceOf(const SlotLease& lease) const {
  TorchDevice* device = Find(lease.slot().device());
  WEIR_CHECK(device != nullptr, "a lease is of one of the backend's devices");
  return *device;
}

std::vector<std::string> TorchBackend::Facts() const {
  return {DescribeLibtorch(BuiltLibtorch(), LoadedLibtorch())};
}

std::vector<DeviceInfo> TorchBackend::Devices() const {
  std::vector<DeviceInfo> infos;
  for (const auto& device : devices_) infos.push_back(device->Info());
  return infos;
}

absl::StatusOr<Probed> TorchBackend::Probe(
    const std::string& device, int slots_max,
    absl::FunctionRef<void(int num_found)> found) {
  WEIR_CHECK(slots_max >= 1, "a probe asks for at least one slot");
  TorchDevice* known = Find(device);
  if (known == nullptr) {
    return absl::NotFoundError(absl::StrCat("no such device: ", device));
  }
  return known->Probe(slots_max, found);
}

absl::StatusOr<std::unique_ptr<ModelFile>> TorchBackend::Read(
    const ModelSource& source) {
  try {
    return ReadTorchFile(source);
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(
        absl::StrCat("model \"", source.name,
                     "\": not a TorchScript file: ", PlainMessage(error)));
  }
}

absl::StatusOr<std::unique_ptr<Model>> TorchBackend::Load(SlotLease& lease,
                                                          ModelFile& file) {
  return TorchModel::Load(DeviceOf(lease), TorchSlot::Of(lease),
                          static_cast<const TorchModelFile&>(file), clock_);
}

void TorchBackend::EmptyCache(SlotLease& lease) {
  DeviceOf(lease).EmptyCache();
}

DeviceMemory TorchBackend::Memory(const std::string& device) const {
  const TorchDevice* found = Find(device);
  return found == nullptr ? DeviceMemory{} : found->Memory();
}

absl::Status TorchBackend::Revive(SlotLease& lease) {
  return DeviceOf(lease).Try(TorchSlot::Of(lease));
}

}  // namespace weir
