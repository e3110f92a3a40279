// ParseVersionNumber: which version of a model, as folders are named and as
// clients write it.
//
//   ParseVersionNumber("3")    // 3
//   ParseVersionNumber("03")   // nothing: one number, one way to write it
//
// Thread-safety: a pure function.
// Ownership: none.
// Failure: nothing for what is no decimal number above 0: a sign, a space, a
// leading zero. The caller says what to do instead.
#ifndef WEIR_CONFIG_VERSION_NUMBER_H_
#define WEIR_CONFIG_VERSION_NUMBER_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/number.h"

namespace weir {

inline std::optional<int64_t> ParseVersionNumber(absl::string_view text) {
  const absl::StatusOr<int64_t> number = ParseWholeNumber(text);
  if (!number.ok() || *number < 1) return std::nullopt;
  return *number;
}

}  // namespace weir

#endif  // WEIR_CONFIG_VERSION_NUMBER_H_
