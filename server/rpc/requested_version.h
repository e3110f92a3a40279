// RequestedVersion: a model's version as clients write it.
//
//   std::optional<int64_t> version = RequestedVersion("3");
//
// Thread-safety: a pure function.
// Ownership: none.
// Failure: no value for what is no version: a sign, a space, a leading zero.
#ifndef WEIR_SERVER_RPC_REQUESTED_VERSION_H_
#define WEIR_SERVER_RPC_REQUESTED_VERSION_H_

#include <cstdint>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"

namespace weir {

// 0, the newest that is ready, where the text is empty.
inline std::optional<int64_t> RequestedVersion(absl::string_view text) {
  if (text.empty()) return 0;
  const bool is_plain =
      text.find_first_not_of("0123456789") == absl::string_view::npos &&
      text[0] != '0';
  int64_t version = 0;
  if (!is_plain || !absl::SimpleAtoi(text, &version)) return std::nullopt;
  return version;
}

}  // namespace weir

#endif  // WEIR_SERVER_RPC_REQUESTED_VERSION_H_
