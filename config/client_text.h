// ClientText: what somebody else sent, made fit for a line of a log, an answer
// or a page.
//
//   ClientText("unet\n2026 E forged\x1b[2J")  // unet\n2026 E forged\x1b[2J
//   Quoted("a \"b\"\n")                       // "a \"b\"\n"
//
// Control characters and bytes that are no UTF-8 come out as escapes, a
// backslash doubled, so nothing ends the line, drives a terminal or passes for
// an escape of ours. What comes out has a bound, past which "..." says that
// there was more.
//
// Thread-safety: any number of threads.
// Ownership: values.
// Failure: none.
#ifndef WEIR_CONFIG_CLIENT_TEXT_H_
#define WEIR_CONFIG_CLIENT_TEXT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/strings/string_view.h"

namespace weir {

inline constexpr size_t kClientTextBytesMax = 256;

std::string ClientText(absl::string_view bytes,
                       size_t num_bytes_max = kClientTextBytesMax);

// In quotes, which none in it ends: a name in a sentence, of at most 64 bytes.
std::string Quoted(std::string_view text);

}  // namespace weir

#endif  // WEIR_CONFIG_CLIENT_TEXT_H_
