// The configuration's files.
//
//   WEIR_ASSIGN_OR_RETURN(Config config,
//                         LoadConfig("weir.yaml", CaptureEnvironment()));
//
// Thread-safety: any thread.
// Ownership: values.
// Failure: NotFound where there is no such file; InvalidArgument where it
// cannot be read, is no regular file (a pipe would never end) or is larger than
// kYamlBytesMax, and as config/config_yaml.h says for what is in it.
#ifndef WEIR_CONFIG_CONFIG_FILE_H_
#define WEIR_CONFIG_CONFIG_FILE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "config/config_yaml.h"
#include "config/environment.h"
#include "config/model_config.h"

namespace weir {

// Without a path: the defaults, and what the environment says.
absl::StatusOr<Config> LoadConfig(const std::optional<std::string>& path,
                                  const Environment& environment);
absl::StatusOr<SourcedConfig> LoadSourcedConfig(
    const std::optional<std::string>& path, const Environment& environment);
absl::StatusOr<ModelConfig> LoadModelConfig(const std::string& path);

}  // namespace weir

#endif  // WEIR_CONFIG_CONFIG_FILE_H_
