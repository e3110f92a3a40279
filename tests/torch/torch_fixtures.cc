#include "tests/torch/torch_fixtures.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "backend/module.h"
#include "config/config_file.h"
#include "tests/support/backend_rig.h"

namespace weir {

ModelSource TorchSource(const std::string& name) {
  const std::string stem = absl::StrCat(WEIR_TORCH_MODELS, "/", name);
  ModelSource source{.name = name, .version = 1, .path = stem + ".pt"};
  if (std::filesystem::exists(stem + ".yaml")) {
    source.config = OrDie(LoadModelConfig(stem + ".yaml"));
  }
  return source;
}

std::unique_ptr<Backend> TorchBackend(Clock& clock,
                                      const BackendConfig& config) {
  return OrDie(LoadBackendModule(WEIR_TORCH_MODULE,
                                 {.clock = &clock, .config = config}));
}

}  // namespace weir
