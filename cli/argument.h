// TakeArgument: a value out of the text of a command line's argument, by the
// kind that the configuration has for such values.
//
//   WEIR_RETURN_IF_ERROR(TakeArgument("--slots", text, kind, plan.slots));
//
// Thread-safety: pure.
// Ownership: none.
// Failure: INVALID_ARGUMENT that names the argument and says what is allowed.
#ifndef WEIR_CLI_ARGUMENT_H_
#define WEIR_CLI_ARGUMENT_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "config/config_error.h"
#include "config/kind.h"

namespace weir {

// Leaves `value` as it is where there is no text.
template <typename Kind, typename Value>
absl::Status TakeArgument(const std::string& name,
                          const std::optional<std::string>& text,
                          const Kind& kind, Value& value) {
  if (!text.has_value()) return absl::OkStatus();
  absl::Status status = kind.Parse({.text = *text}, value);
  if (status.ok()) return status;
  return ConfigError{.place = name,
                     .what = std::string(status.message()),
                     .got = *text,
                     .allowed = kind.Allowed()}
      .ToStatus();
}

}  // namespace weir

#endif  // WEIR_CLI_ARGUMENT_H_
