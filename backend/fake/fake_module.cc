// The entry of libweir_fake.so: the fake backend as a module. Its devices are
// FakeBackend's default ones, its scripts lie in each model.yaml.
#include "backend/fake/fake_backend.h"
#include "backend/module_abi.h"

namespace {

void* MakeFakeBackend(const void* settings, char* error, size_t error_size) {
  try {
    weir::Clock* clock =
        static_cast<const weir::BackendSettings*>(settings)->clock;
    weir::Backend* backend =
        new weir::FakeBackend(weir::FakeBackend::Options{}, *clock);
    return backend;
  } catch (...) {
    return weir::RefuseToMake("out of memory", error, error_size);
  }
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const weir::BackendModule*
weir_backend_entry() {
  static const weir::BackendModule module =
      weir::DescribeModule(&MakeFakeBackend);
  return &module;
}
