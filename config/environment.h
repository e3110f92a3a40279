// Environment: the WEIR_* variables, which stand above the file.
//
//   WEIR_QUEUE_REQUESTS_MAX=100
//   WEIR_DEVICES='[{device: cuda:0, slots: 4}]'
//
// A knob's variable is WEIR_ and its path in capitals, dots as underscores. A
// value is written as in the file, without quotes; a list is one YAML value and
// replaces the whole list. A WEIR_* variable that no knob has is refused, so
// that a spelling mistake cannot go unnoticed; other variables are not looked
// at.
//
// Thread-safety: CaptureEnvironment while no thread changes the environment; it
// is the only place that reads it. The rest from any thread.
// Ownership: values.
// Failure: problems, each of which begins with the variable's name.
#ifndef WEIR_CONFIG_ENVIRONMENT_H_
#define WEIR_CONFIG_ENVIRONMENT_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "config/config.h"
#include "config/problems.h"
#include "config/yaml_reader.h"

namespace weir {

// Variables and their values.
using Environment = std::map<std::string, std::string>;

// The process's WEIR_* variables.
Environment CaptureEnvironment();

// The variables of all knobs.
std::vector<std::string> EnvironmentNames();

// The variable of the knob at `path`, such as queue.requests_max.
std::string EnvironmentName(absl::string_view path);

// Overrides what `environment` says in `config`, and notes it in `origins`.
void ApplyEnvironment(const Environment& environment, Config& config,
                      Origins& origins, Problems& problems);

}  // namespace weir

#endif  // WEIR_CONFIG_ENVIRONMENT_H_
