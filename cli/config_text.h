// What `weir config explain` prints.
//
//   std::fputs(KnobsText().c_str(), stdout);
//   absl::StatusOr<std::string> text = KnobText("queue.requests_max");
//
// A key of a model.yaml is asked for as model.KEY. Which entry of a list is
// meant does not matter: devices[0].slots, devices[].slots and devices.slots
// are the same.
//
// Thread-safety: pure functions.
// Ownership: values.
// Failure: NOT_FOUND, with the nearest key where one is near.
#ifndef WEIR_CLI_CONFIG_TEXT_H_
#define WEIR_CLI_CONFIG_TEXT_H_

#include <string>

#include "absl/status/statusor.h"

namespace weir {

// All keys, a line each.
std::string KnobsText();

absl::StatusOr<std::string> KnobText(const std::string& key);

}  // namespace weir

#endif  // WEIR_CLI_CONFIG_TEXT_H_
