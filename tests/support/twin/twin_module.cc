// The two entries of libweir_twin.so: the control, and the backend's, which is
// that of the module that runs the models. The device is there as soon as this
// file is opened.
#include <dlfcn.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "backend/module_abi.h"
#include "tests/support/twin/twin_control.h"
#include "tests/support/twin/twin_device.h"

namespace weir {
namespace {

const char* Configure(const char* settings) {
  thread_local std::string problem;
  problem = TwinDevice::Get().Configure(settings);
  return problem.empty() ? nullptr : problem.c_str();
}

constexpr WeirTwinControl kControl = {
    .struct_size = sizeof(WeirTwinControl),
    .configure = &Configure,
    .reset = [] { TwinDevice::Get().Reset(); },
    .release = [] { TwinDevice::Get().Release(); },
    .poison = [] { TwinDevice::Get().Poison(); },
    .heal = [] { TwinDevice::Get().Heal(); },
    .await_blocked = [](uint64_t num_threads, uint32_t timeout_ms) -> int32_t {
      const std::chrono::milliseconds timeout(timeout_ms);
      return TwinDevice::Get().AwaitBlocked(num_threads, timeout) ? 1 : 0;
    },
    .status =
        [](WeirTwinStatus* status) { TwinDevice::Get().Describe(*status); },
    .read_log =
        [](WeirTwinLogEntry* entries, size_t max) {
          return TwinDevice::Get().log().Read(entries, max);
        },
    .clear_log = [] { TwinDevice::Get().log().Clear(); },
    .thread_number = [] { return TwinThreadNumber(); },
};

// The module that this one stands in for: as built, or as the environment says.
const char* HandsOn() {
  const char* path = std::getenv("LIBWEIR_TWIN_HANDS_ON");
#ifdef WEIR_TORCH_MODULE
  if (path == nullptr) path = WEIR_TORCH_MODULE;
#endif
  return path;
}

std::string problem;  // set before RefuseToHandOn can be called

void* RefuseToHandOn(const void*, char* error, size_t error_size) {
  return RefuseToMake(problem, error, error_size);
}

const BackendModule* Refuse(const std::string& why) {
  problem = "the twin hands on to no module: " + why;
  static const BackendModule module = DescribeModule(&RefuseToHandOn);
  return &module;
}

const BackendModule* HandOn() {
  const char* path = HandsOn();
  if (path == nullptr) return Refuse("LIBWEIR_TWIN_HANDS_ON names none");
  void* const module = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) return Refuse(dlerror());
  const auto entry = reinterpret_cast<ModuleEntry>(dlsym(module, kModuleEntry));
  if (entry == nullptr) return Refuse(std::string(path) + " has no entry");
  return entry();
}

}  // namespace
}  // namespace weir

extern "C" __attribute__((visibility("default"))) const WeirTwinControl*
weir_twin_control() {
  return &weir::kControl;
}

extern "C" __attribute__((visibility("default"))) const weir::BackendModule*
weir_backend_entry() {
  static const weir::BackendModule* const module = weir::HandOn();
  return module;
}
