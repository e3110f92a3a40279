// Problems: all that is wrong with a configuration, in the order it was found,
// so that one look mends it all.
//
//   Problems problems;
//   problems.Add(kind.Parse(scalar, value));   // nothing where it is OK
//   return problems.ToStatus();
//
// Thread-safety: one thread.
// Ownership: owns its text.
// Failure: none; past kMax it only notes that there are more.
#ifndef WEIR_CONFIG_PROBLEMS_H_
#define WEIR_CONFIG_PROBLEMS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_join.h"

namespace weir {

class Problems {
 public:
  static constexpr size_t kMax = 20;

  void Add(const absl::Status& status) {
    if (status.ok() || sentences_.size() > kMax) return;
    sentences_.push_back(sentences_.size() < kMax
                             ? std::string(status.message())
                             : "there is more; mend these first");
  }

  bool empty() const { return sentences_.empty(); }
  size_t size() const { return sentences_.size(); }

  // OK, or InvalidArgument whose message has a line for each.
  absl::Status ToStatus() const {
    if (empty()) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrJoin(sentences_, "\n"));
  }

 private:
  std::vector<std::string> sentences_;
};

}  // namespace weir

#endif  // WEIR_CONFIG_PROBLEMS_H_
