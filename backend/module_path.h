// FindBackendModule: which file a configuration's backend.module is.
//
//   WEIR_ASSIGN_OR_RETURN(const std::string program, ProgramPath());
//   WEIR_ASSIGN_OR_RETURN(
//       const std::string path,
//       FindBackendModule("libweir_torch.so", FolderOf(program)));
//
// A path with a slash is taken as it is. A bare name is looked for where the
// program's own libraries lie: in its folder, then in ../lib/weir and ../lib as
// seen from there.
//
// Thread-safety: any thread.
// Ownership: values.
// Failure: NOT_FOUND, with all places that were looked at.
#ifndef WEIR_BACKEND_MODULE_PATH_H_
#define WEIR_BACKEND_MODULE_PATH_H_

#include <string>

#include "absl/status/statusor.h"

namespace weir {

absl::StatusOr<std::string> FindBackendModule(
    const std::string& module, const std::string& program_folder);

// The file that this process runs.
absl::StatusOr<std::string> ProgramPath();

// All before the last slash; "." where there is none.
std::string FolderOf(const std::string& path);

}  // namespace weir

#endif  // WEIR_BACKEND_MODULE_PATH_H_
