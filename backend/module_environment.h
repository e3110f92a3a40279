// SetModuleEnvironment: the variables that libraries read while they are
// loaded, set before a backend module is opened.
//
//   WEIR_ASSIGN_OR_RETURN(const std::vector<std::string> warnings,
//                         SetModuleEnvironment(config.backend.environment));
//   // found PYTORCH_NO_CUDA_MEMORY_CACHING=1 in the environment
//
// A setting of the configuration stands above what is there already. Each
// variable that is there and that such libraries look at (PYTORCH_*, TORCH_*,
// ATEN_*, OMP_*, MKL_*, KMP_*, CUDA_*) is told of, for it changes what the
// operator sees in no file.
//
// Thread-safety: none: called from main, before any thread.
// Ownership: values.
// Failure: INVALID_ARGUMENT for a name or a value that no variable can have;
// then none was set.
#ifndef WEIR_BACKEND_MODULE_ENVIRONMENT_H_
#define WEIR_BACKEND_MODULE_ENVIRONMENT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace weir {

// The warnings, one sentence each, by name.
absl::StatusOr<std::vector<std::string>> SetModuleEnvironment(
    const std::map<std::string, std::string>& variables);

}  // namespace weir

#endif  // WEIR_BACKEND_MODULE_ENVIRONMENT_H_
