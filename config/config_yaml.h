// The configuration as YAML: text in, structs out, and back.
//
//   absl::StatusOr<Config> config =
//       ParseConfig("weir.yaml", "queue: {requests_max: 64}",
//                   {{"WEIR_DRAIN_DEADLINE", "5s"}});
//
// Precedence: a variable over the text over the default. All is checked: keys,
// kinds, bounds, and the rules between fields (config/consistency.h).
//
// ToYaml gives a text that parses to an equal struct. That of a SourcedConfig
// says behind each value where it was written, if not in the defaults.
//
// Thread-safety: any thread.
// Ownership: values.
// Failure: InvalidArgument, "FILE:LINE:COLUMN: key.path: what; got "value";
// allowed: ...; did you mean "queue"?", and the variable's name in place of the
// file's where it is at fault: a line for each fault. The rules between fields
// are looked at once each alone is right.
#ifndef WEIR_CONFIG_CONFIG_YAML_H_
#define WEIR_CONFIG_CONFIG_YAML_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/config.h"
#include "config/environment.h"
#include "config/model_config.h"
#include "config/yaml_reader.h"

namespace weir {

struct SourcedConfig {
  Config config = {};
  Origins origins = {};
};

// `file` is the name that errors begin with. An empty text is all defaults.
absl::StatusOr<Config> ParseConfig(absl::string_view file,
                                   absl::string_view text,
                                   const Environment& environment = {});
absl::StatusOr<SourcedConfig> ParseSourcedConfig(
    absl::string_view file, absl::string_view text,
    const Environment& environment = {});
absl::StatusOr<ModelConfig> ParseModelConfig(absl::string_view file,
                                             absl::string_view text);

std::string ToYaml(const Config& config);
std::string ToYaml(const SourcedConfig& sourced);
std::string ToYaml(const ModelConfig& model);

// config/default.yaml: every default, each under its description.
std::string DefaultYaml();

}  // namespace weir

#endif  // WEIR_CONFIG_CONFIG_YAML_H_
