#include "tests/torch/twin.h"

#include <dlfcn.h>

#include <string_view>

#include "backend/module.h"
#include "sync/check.h"
#include "tests/support/backend_rig.h"

namespace weir {
namespace {

std::vector<WeirTwinLogEntry> TakeLog() {
  std::vector<WeirTwinLogEntry> entries(8192);
  entries.resize(Twin::Control().read_log(entries.data(), entries.size()));
  Twin::Control().clear_log();
  return entries;
}

}  // namespace

const WeirTwinControl& Twin::Control() {
  static const WeirTwinControl* control = [] {
    void* module = dlopen(WEIR_TWIN_MODULE, RTLD_NOW | RTLD_LOCAL);
    WEIR_CHECK(module != nullptr, "the twin can be opened");
    const auto entry =
        reinterpret_cast<WeirTwinEntry>(dlsym(module, kWeirTwinEntry));
    WEIR_CHECK(entry != nullptr, "the twin can be controlled");
    return entry();
  }();
  return *control;
}

Twin::Twin(const std::string& settings) {
  Control().reset();
  Configure(settings);
}

Twin::~Twin() { Control().reset(); }

std::unique_ptr<Backend> Twin::MakeBackend(Clock& clock,
                                           const BackendConfig& config) {
  return OrDie(
      LoadBackendModule(WEIR_TWIN_MODULE, {.clock = &clock, .config = config}));
}

void Twin::Configure(const std::string& settings) {
  const char* problem = Control().configure(settings.c_str());
  if (problem != nullptr) {
    internal::CheckFailed(__FILE__, __LINE__, problem, "a setting of the twin");
  }
}

WeirTwinStatus Twin::Status() {
  WeirTwinStatus status = {};
  Control().status(&status);
  return status;
}

std::vector<std::string> Twin::TakeNames() {
  std::vector<std::string> names;
  for (const WeirTwinLogEntry& entry : TakeLog())
    names.emplace_back(entry.name);
  return names;
}

std::vector<int64_t> Twin::TakeStreams() {
  std::vector<int64_t> streams;
  for (const WeirTwinLogEntry& entry : TakeLog()) {
    const std::string_view name = entry.name;
    if (name != "twin::new_stream" && name != "twin::synchronize_device") {
      streams.push_back(entry.stream);
    }
  }
  return streams;
}

}  // namespace weir
