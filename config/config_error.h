// ConfigError: one refusal of a configuration, said the same way everywhere.
//
//   return ConfigError{.place = "weir.yaml:3:5",
//                      .path = "qeue",
//                      .what = "unknown key",
//                      .allowed = "devices, queue",
//                      .nearest = "queue"}
//       .ToStatus();
//
//   weir.yaml:3:5: qeue: unknown key; allowed: devices, queue; did you mean
//   "queue"?                                                  (on one line)
//
// Thread-safety: plain values.
// Ownership: owns its text.
// Failure: none. Text from outside is escaped and cut, so that a message stays
// one readable line.
#ifndef WEIR_CONFIG_CONFIG_ERROR_H_
#define WEIR_CONFIG_CONFIG_ERROR_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace weir {

struct ConfigError {
  // "FILE:LINE:COLUMN", counted from 1 and in bytes, or a variable's name.
  std::string place = "";
  // The key and those above it, such as devices[0].slots; empty for the whole.
  std::string path = "";
  std::string what = "";
  // The text that was found.
  std::optional<std::string> got = std::nullopt;
  // The kind of thing that was found, where there is no text: "a list".
  std::string got_kind = "";
  std::string allowed = "";
  std::string nearest = "";

  // InvalidArgument.
  absl::Status ToStatus() const;
};

// `text` in one line of at most 80 bytes.
std::string Excerpt(absl::string_view text);

// "FILE:LINE:COLUMN".
std::string PlaceInFile(absl::string_view file, int line, int column);

}  // namespace weir

#endif  // WEIR_CONFIG_CONFIG_ERROR_H_
