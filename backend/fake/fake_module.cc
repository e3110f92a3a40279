// The entry of libweir_fake.so: the fake backend as a module. Its devices are
// FakeBackend's default ones, changed by the variable LIBWEIR_FAKE
// (backend/fake/fake_options.h), read here as other libraries read theirs; its
// scripts lie in each model.yaml.
#include <cstdlib>
#include <string>

#include "backend/fake/fake_backend.h"
#include "backend/fake/fake_options.h"
#include "backend/module_abi.h"

namespace {

void* MakeFakeBackend(const void* settings, char* error, size_t error_size) {
  try {
    const char* text = std::getenv(weir::kFakeOptionsVariable);
    const auto options = weir::ParseFakeOptions(text == nullptr ? "" : text);
    if (!options.ok()) {
      return weir::RefuseToMake(std::string(options.status().message()), error,
                                error_size);
    }
    weir::Clock* clock =
        static_cast<const weir::BackendSettings*>(settings)->clock;
    weir::Backend* backend = new weir::FakeBackend(*options, *clock);
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
