// ClientText: what somebody else sent, made fit for a line of a log.
//
//   ClientText("unet\n2026 E forged\x1b[2J")  // unet\n2026 E forged\x1b[2J
//
// Control characters and bytes that are no UTF-8 come out as escapes, a
// backslash doubled, so nothing ends the line, drives a terminal or passes for
// an escape of ours. At most 256 bytes of it are shown; "..." says that there
// were more.
//
// Thread-safety: any number of threads.
// Ownership: values.
// Failure: none.
#ifndef WEIR_SERVER_TELEMETRY_CLIENT_TEXT_H_
#define WEIR_SERVER_TELEMETRY_CLIENT_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace weir {

inline constexpr size_t kClientTextBytesMax = 256;

std::string ClientText(absl::string_view bytes,
                       size_t num_bytes_max = kClientTextBytesMax);

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_CLIENT_TEXT_H_
