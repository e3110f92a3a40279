// The backend of libtorch as a module, and the models that
// models/make_models.py wrote, for tests that know neither's place.
//
//   RealClock clock;
//   std::unique_ptr<Backend> backend = TorchBackend(clock);
//   absl::StatusOr<std::unique_ptr<ModelFile>> file =
//       backend->Read(TorchSource("affine"));
//
// Thread-safety: any thread.
// Ownership: the caller's; the backend borrows the clock.
// Failure: dies where the module cannot be opened, or a yaml not be read.
#ifndef WEIR_TESTS_TORCH_TORCH_FIXTURES_H_
#define WEIR_TESTS_TORCH_TORCH_FIXTURES_H_

#include <memory>
#include <string>

#include "backend/backend.h"
#include "sync/clock.h"

namespace weir {

// The model as its yaml declares it; without one, as it finds out by itself.
ModelSource TorchSource(const std::string& name);

std::unique_ptr<Backend> TorchBackend(Clock& clock,
                                      const BackendConfig& config = {});

}  // namespace weir

#endif  // WEIR_TESTS_TORCH_TORCH_FIXTURES_H_
