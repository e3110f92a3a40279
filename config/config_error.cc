#include "config/config_error.h"

#include <cstddef>

#include "absl/strings/str_cat.h"
#include "config/client_text.h"

namespace weir {
namespace {

// With the three bytes that say that there was more.
constexpr size_t kExcerptBytesMax = 80 - 3;

}  // namespace

std::string Excerpt(absl::string_view text) {
  return ClientText(text, kExcerptBytesMax);
}

std::string PlaceInFile(absl::string_view file, int line, int column) {
  return absl::StrCat(file, ":", line, ":", column);
}

absl::Status ConfigError::ToStatus() const {
  std::string message = place;
  if (!path.empty()) absl::StrAppend(&message, ": ", path);
  absl::StrAppend(&message, ": ", what);
  if (got.has_value()) {
    absl::StrAppend(&message, "; got \"", Excerpt(*got), "\"");
  } else if (!got_kind.empty()) {
    absl::StrAppend(&message, "; got ", got_kind);
  }
  if (!allowed.empty()) absl::StrAppend(&message, "; allowed: ", allowed);
  if (!nearest.empty()) {
    absl::StrAppend(&message, "; did you mean \"", nearest, "\"?");
  }
  return absl::InvalidArgumentError(message);
}

}  // namespace weir
