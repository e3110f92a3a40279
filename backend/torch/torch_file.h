// ReadTorchFile: a TorchScript file, read into host memory and checked.
//
//   absl::StatusOr<std::unique_ptr<ModelFile>> file = ReadTorchFile(source);
//
// What the model's configuration declares is matched with forward() here, so
// that a wrong name shows when the model is read and not at the first request.
//
// Thread-safety: any thread.
// Ownership: the file is the caller's.
// Failure: NOT_FOUND, INVALID_ARGUMENT with what is wrong; throws what libtorch
// throws for a file that is no TorchScript.
#ifndef WEIR_BACKEND_TORCH_TORCH_FILE_H_
#define WEIR_BACKEND_TORCH_TORCH_FILE_H_

#include <memory>

#include "absl/status/statusor.h"
#include "backend/backend.h"

namespace weir {

absl::StatusOr<std::unique_ptr<ModelFile>> ReadTorchFile(
    const ModelSource& source);

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_FILE_H_
