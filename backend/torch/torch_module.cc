// The entry of libweir_torch.so.
#include <exception>
#include <string>

#include "absl/strings/str_cat.h"
#include "backend/module_abi.h"
#include "backend/torch/libtorch_version.h"
#include "backend/torch/torch_backend.h"
#include "backend/torch/torch_error.h"

namespace {

void* MakeTorchBackend(const void* settings, char* error, size_t error_size) {
  try {
    const absl::Status same = weir::CheckLibtorchVersion(
        weir::BuiltLibtorch(), weir::LoadedLibtorch());
    if (!same.ok()) {
      return weir::RefuseToMake(std::string(same.message()), error, error_size);
    }
    weir::Backend* backend = new weir::TorchBackend(
        *static_cast<const weir::BackendSettings*>(settings));
    return backend;
  } catch (const std::exception& what) {
    return weir::RefuseToMake(
        absl::StrCat("libtorch cannot be used: ", weir::PlainMessage(what)),
        error, error_size);
  }
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const weir::BackendModule*
weir_backend_entry() {
  static const weir::BackendModule module =
      weir::DescribeModule(&MakeTorchBackend);
  return &module;
}
