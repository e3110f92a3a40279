// WEIR_RETURN_IF_ERROR and WEIR_ASSIGN_OR_RETURN: leave the function with the
// status that is not OK.
//
//   WEIR_RETURN_IF_ERROR(CheckConfig(config));
//   WEIR_ASSIGN_OR_RETURN(Config config, LoadConfig(path, environment));
//
// Thread-safety: as the expression's.
// Ownership: the status and the value are moved, never copied.
// Failure: returns the status from the function that uses the macro.
#ifndef WEIR_CONFIG_STATUS_MACROS_H_
#define WEIR_CONFIG_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define WEIR_RETURN_IF_ERROR(expression)       \
  do {                                         \
    absl::Status weir_status = (expression);   \
    if (!weir_status.ok()) return weir_status; \
  } while (false)

#define WEIR_STATUS_NAME_INNER(prefix, line) prefix##line
#define WEIR_STATUS_NAME(prefix, line) WEIR_STATUS_NAME_INNER(prefix, line)

#define WEIR_ASSIGN_OR_RETURN(target, expression)                       \
  WEIR_ASSIGN_OR_RETURN_INNER(WEIR_STATUS_NAME(weir_result_, __LINE__), \
                              target, expression)
#define WEIR_ASSIGN_OR_RETURN_INNER(result, target, expression) \
  auto result = (expression);                                   \
  if (!result.ok()) return std::move(result).status();          \
  target = *std::move(result)

#endif  // WEIR_CONFIG_STATUS_MACROS_H_
