// NearestName: which name somebody probably meant.
//
//   NearestName("qeue", {"devices", "queue"})   // "queue"
//   NearestName("zebra", {"devices", "queue"})  // "": nothing is near
//
// Near is an edit distance (insert, remove or change one character, swap two
// neighbours) of at most a third of the name's length, and at least 1.
//
// Thread-safety: any thread.
// Ownership: the result points into `names`.
// Failure: none; empty where nothing is near, and for anything longer than 64
// bytes, so that a hostile key costs nothing.
#ifndef WEIR_CONFIG_NEAREST_NAME_H_
#define WEIR_CONFIG_NEAREST_NAME_H_

#include <vector>

#include "absl/strings/string_view.h"

namespace weir {

absl::string_view NearestName(absl::string_view meant,
                              const std::vector<absl::string_view>& names);

}  // namespace weir

#endif  // WEIR_CONFIG_NEAREST_NAME_H_
