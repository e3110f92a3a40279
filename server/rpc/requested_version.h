// RequestedVersion: a model's version as clients write it.
//
//   absl::StatusOr<int64_t> version = RequestedVersion("3");
//
// Thread-safety: a pure function.
// Ownership: none.
// Failure: INVALID_ARGUMENT, with a sentence for the client.
#ifndef WEIR_SERVER_RPC_REQUESTED_VERSION_H_
#define WEIR_SERVER_RPC_REQUESTED_VERSION_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "config/version_number.h"

namespace weir {

// 0, the newest that is ready, where the text is empty.
inline absl::StatusOr<int64_t> RequestedVersion(absl::string_view text) {
  if (text.empty()) return 0;
  const std::optional<int64_t> version = ParseVersionNumber(text);
  if (version.has_value()) return *version;
  return absl::InvalidArgumentError(
      "a model's version is a decimal number, or empty for the newest");
}

}  // namespace weir

#endif  // WEIR_SERVER_RPC_REQUESTED_VERSION_H_
