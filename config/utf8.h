// CountText: how much of some bytes is text.
//
//   if (CountText(bytes) < bytes.size()) ...  // the byte there is not text
//
// Text is well-formed UTF-8 (no overlong forms, no surrogates, nothing past
// U+10FFFF) without control characters. Tab, line feed, and carriage return
// before a line feed are text.
//
// Thread-safety: any thread.
// Ownership: none.
// Failure: none.
#ifndef WEIR_CONFIG_UTF8_H_
#define WEIR_CONFIG_UTF8_H_

#include <cstddef>

#include "absl/strings/string_view.h"

namespace weir {

// The number of bytes from the start that are text.
size_t CountText(absl::string_view bytes);

}  // namespace weir

#endif  // WEIR_CONFIG_UTF8_H_
