// JsonText: a text in quotes, as JSON writes it.
//
//   absl::StrCat("{\"why\": ", JsonText(why), "}")
//
// Thread-safety: any thread.
// Ownership: values.
// Failure: none; bytes that are no UTF-8 stay as they are.
#ifndef WEIR_CONFIG_JSON_TEXT_H_
#define WEIR_CONFIG_JSON_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace weir {

std::string JsonText(absl::string_view text);

}  // namespace weir

#endif  // WEIR_CONFIG_JSON_TEXT_H_
