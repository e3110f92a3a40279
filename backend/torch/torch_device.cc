#include "backend/torch/torch_device.h"

#include <dlfcn.h>

#include <algorithm>
#include <exception>
#include <thread>

#include "ATen/Functions.h"
#include "absl/strings/str_cat.h"
#include "backend/torch/torch_error.h"
#include "c10/core/CachingDeviceAllocator.h"
#include "c10/core/DeviceGuard.h"
#include "c10/core/InferenceMode.h"
#include "c10/core/impl/VirtualGuardImpl.h"
#include "config/status_macros.h"

namespace weir {
namespace {

// Runs on several streams of these are known to be safe; of all others the
// operator decides, and the self-test has a word in it.
constexpr int kSlotsDefaultCuda = 4;

// A wait on CUDA keeps a core busy unless the device is told to block, best
// before it is first used. Found by its name, so that nothing here needs CUDA
// to build.
void LetCudaBlock() {
  constexpr unsigned kScheduleBlockingSync = 4;
  void* symbol = dlsym(RTLD_DEFAULT, "cudaSetDeviceFlags");
  if (symbol == nullptr) return;
  const auto set_flags = reinterpret_cast<int (*)(unsigned)>(symbol);
  (void)set_flags(kScheduleBlockingSync);  // refused: it spins, and still works
}

c10::DeviceAllocator* AllocatorOf(const c10::Device& device) {
  return dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(device.type()));
}

}  // namespace

TorchDevice::TorchDevice(c10::Device device, const BackendConfig& config,
                         Clock& clock)
    : device_(device), name_(device.str()), config_(config), clock_(clock) {}

DeviceInfo TorchDevice::Info() const {
  if (is_host()) {
    const auto num_cores =
        static_cast<int>(std::thread::hardware_concurrency());
    return {.name = name_,
            .slots_default = std::max(1, num_cores / config_.threads_per_slot)};
  }
  return {.name = name_,
          .slots_default = device_.is_cuda() ? kSlotsDefaultCuda : 1,
          .has_streams = true};
}

absl::StatusOr<Probed> TorchDevice::Probe(
    int slots_max, absl::FunctionRef<void(int num_found)> found) {
  if (was_probed_) {
    return absl::FailedPreconditionError(
        absl::StrCat("the device was probed before: ", name_));
  }
  was_probed_ = true;
  Probed probed;
  if (is_host()) {
    for (int i = 0; i < slots_max; ++i) {
      probed.slots.push_back(
          std::make_unique<TorchSlot>(name_, i, std::nullopt));
      found(i + 1);
    }
    num_slots_ = slots_max;
    return probed;
  }
  try {
    std::vector<c10::Stream> streams = {FirstStream()};
    WEIR_RETURN_IF_ERROR(TryAbilities(streams.front()));
    found(1);
    int wanted = slots_max;
    if (synchronizer_->way() == TorchSynchronizer::Way::kDevice && wanted > 1) {
      wanted = 1;
      probed.warnings.push_back(
          absl::StrCat(name_, " ", synchronizer_->WayText(),
                       ", so it has 1 slot; ", slots_max, " were asked for"));
    }
    TakeStreams(wanted, streams, found, probed.warnings);
    for (size_t i = 0; i < streams.size(); ++i) {
      probed.slots.push_back(
          std::make_unique<TorchSlot>(name_, static_cast<int>(i), streams[i]));
    }
  } catch (const std::exception& error) {
    return absl::FailedPreconditionError(
        absl::StrCat(name_, " cannot be used: ", PlainMessage(error)));
  }
  num_slots_ = static_cast<int>(probed.slots.size());
  return probed;
}

c10::Stream TorchDevice::FirstStream() const {
  const c10::DeviceGuard guard(device_);
  if (device_.is_cuda() && config_.synchronize != Synchronize::kSpin) {
    LetCudaBlock();
  }
  // The first use of a device makes it ready, or throws.
  (void)at::zeros({1}, at::TensorOptions().device(device_));
  const c10::impl::VirtualGuardImpl device(device_.type());
  try {
    return device.getNewStream(device_);
  } catch (const std::exception&) {
    return device.getStream(device_);  // there is one, if no new ones
  }
}

void TorchDevice::TakeStreams(int slots_max, std::vector<c10::Stream>& streams,
                              absl::FunctionRef<void(int num_found)> found,
                              std::vector<std::string>& warnings) const {
  const c10::DeviceGuard guard(device_);
  const c10::impl::VirtualGuardImpl device(device_.type());
  std::string why;
  while (static_cast<int>(streams.size()) < slots_max && why.empty()) {
    try {
      const c10::Stream stream = device.getNewStream(device_);
      if (std::find(streams.begin(), streams.end(), stream) != streams.end()) {
        why = "its streams repeat";
      } else {
        streams.push_back(stream);
        found(static_cast<int>(streams.size()));
      }
    } catch (const std::exception& error) {
      why = PlainMessage(error);
    }
  }
  if (!why.empty()) {
    warnings.push_back(absl::StrCat(name_, " has ", streams.size(),
                                    " distinct streams; ", slots_max,
                                    " slots were asked for (", why, ")"));
  }
}

absl::Status TorchDevice::TryAbilities(const c10::Stream& stream) {
  const c10::InferenceMode inference;
  const c10::StreamGuard guard(stream);
  const auto on_device = at::TensorOptions().device(device_);
  at::zeros({1}, on_device).add_(1);
  auto synchronizer =
      TorchSynchronizer::Find(stream, config_.synchronize, clock_);
  if (!synchronizer.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        name_, " cannot be used: ", synchronizer.status().message()));
  }
  synchronizer_ = *synchronizer;
  try {
    (void)at::zeros({1}, on_device.dtype(at::kDouble));
  } catch (const std::exception&) {
    has_fp64_ = false;
  }
  bool pins = true;
  try {
    (void)at::empty({1}, at::TensorOptions().pinned_memory(true));
  } catch (const std::exception&) {
    pins = false;
  }
  staging_ = std::make_unique<TorchStaging>(pins);
  synchronizer_->Wait(stream, /*pace=*/nullptr);
  return absl::OkStatus();
}

void TorchDevice::Wait(const TorchSlot& slot, WaitPace* pace) const {
  if (slot.torch_stream().has_value()) {
    synchronizer_->Wait(*slot.torch_stream(), pace);
  }
}

absl::Status TorchDevice::Try(const TorchSlot& slot) const {
  if (is_host()) return absl::OkStatus();
  try {
    const c10::InferenceMode inference;
    const SlotBinding binding(slot);
    const at::Tensor one =
        at::zeros({1}, at::TensorOptions().device(device_)).add_(1);
    const at::Tensor answer = one.cpu();
    Wait(slot);
    if (answer.item<float>() == 1) return absl::OkStatus();
    return absl::InternalError(absl::StrCat(name_, ": 0 + 1 is wrong"));
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat(name_, ": ", PlainMessage(error)));
  } catch (...) {
    return absl::InternalError(absl::StrCat(name_, " threw no exception"));
  }
}

std::optional<Fault> TorchDevice::FindFault(const TorchSlot& slot) const {
  try {
    Wait(slot);
    return std::nullopt;
  } catch (...) {
    // An error that sticks to the device fails all that comes after it.
    return Try(slot).ok() ? Fault::kSlot : Fault::kDevice;
  }
}

DeviceMemory TorchDevice::Memory() const {
  c10::DeviceAllocator* allocator = is_host() ? nullptr : AllocatorOf(device_);
  if (allocator == nullptr) return {};
  try {
    const auto stats = allocator->getDeviceStats(device_.index());
    return {stats.allocated_bytes[0].current, stats.reserved_bytes[0].current};
  } catch (const std::exception&) {
    return {};  // nothing was allocated there yet
  }
}

void TorchDevice::EmptyCache() {
  if (is_host()) return;
  if (staging_ != nullptr) staging_->Trim();
  if (c10::DeviceAllocator* allocator = AllocatorOf(device_)) {
    try {
      allocator->emptyCache();
    } catch (const std::exception&) {
      // A cache that cannot be emptied is kept; runs will say what is wrong.
    }
  }
}

}  // namespace weir
