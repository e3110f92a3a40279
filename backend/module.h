// LoadBackendModule: a backend out of a shared object.
//
//   BackendSettings settings{.clock = &clock};
//   absl::StatusOr<std::unique_ptr<Backend>> backend =
//       LoadBackendModule("/usr/lib/weir/libweir_torch.so", settings);
//   if (!backend.ok()) return backend.status();  // one sentence for the
//   operator
//
// A module is built apart from the daemon. It is loaded only if both were built
// from the same headers, with the same release of abseil and the same layout of
// the standard library (backend/module_abi.h); the compiler and the commit may
// differ.
//
// Thread-safety: any thread; loading one module twice gives two backends.
// Ownership: the backend is the caller's, and borrows what is in `settings`.
// The module's code stays in the process until its end.
// Failure: NOT_FOUND: no such file. INVALID_ARGUMENT: not a backend module.
// FAILED_PRECONDITION: built from something else, or the module says why it
// makes no backend.
#ifndef WEIR_BACKEND_MODULE_H_
#define WEIR_BACKEND_MODULE_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "backend/module_abi.h"

namespace weir {

absl::StatusOr<std::unique_ptr<Backend>> LoadBackendModule(
    const std::string& path, const BackendSettings& settings);

// OK where a module of that ABI may be used here, else which value differs.
absl::Status CheckModuleAbi(const ModuleAbi& ours, const ModuleAbi& theirs);

}  // namespace weir

#endif  // WEIR_BACKEND_MODULE_H_
