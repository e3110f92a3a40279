// SelfTestRecord and SelfTestVerdict: what the facts of a self-test come to.
//
//   SelfTestRecord record(/*device=*/"mps", /*slots=*/4);
//   WEIR_RETURN_IF_ERROR(record.Add(fact));         // each in its order
//   ...
//   absl::StatusOr<SelfTestVerdict> verdict =
//       record.Judge("was killed by SIGABRT");
//
// A device whose slots stood the test keeps them. Anything wrong at two or more
// of them, a crash, a silence, a wrong answer, or nothing that could be tested,
// leaves it one. What goes wrong before leaves none.
//
// Thread-safety: plain values.
// Ownership: values.
// Failure: Add refuses facts that cannot be (INVALID_ARGUMENT): they come from
// a process that is not trusted. Judge gives UNAVAILABLE where one slot does
// not work either.
#ifndef WEIR_BACKEND_SELF_TEST_VERDICT_H_
#define WEIR_BACKEND_SELF_TEST_VERDICT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/self_test_fact.h"

namespace weir {

// What came of running on so many slots at once.
struct SelfTestCount {
  int slots = 0;
  bool is_clean = false;
  std::string what = {};  // went wrong: a part of a sentence

  bool operator==(const SelfTestCount&) const = default;
};

struct SelfTestUntested {
  std::string model;
  std::string why;

  bool operator==(const SelfTestUntested&) const = default;
};

struct SelfTestVerdict {
  // To use: those that were probed, or 1.
  int slots = 1;
  std::string device = {};
  // What the backend is made of, one sentence each.
  std::vector<std::string> libraries = {};
  // Whether a model of the backend is a file.
  bool needs_files = true;
  int slots_asked = 0;
  int slots_probed = 0;
  // Why the probe stopped there: "as configured", or a sentence.
  std::string cause = {};
  std::vector<SelfTestCount> counts = {};
  std::vector<std::string> tested = {};
  // These may run at once only at the operator's risk.
  std::vector<SelfTestUntested> untested = {};
  // For the operator, one sentence each; the one that decided is the first.
  std::vector<std::string> evidence = {};

  bool keeps_slots() const { return slots == slots_probed; }
};

class SelfTestRecord {
 public:
  // `slots`: nothing where the backend is to choose.
  SelfTestRecord(const std::string& device, std::optional<int> slots);

  // REQUIRES: not ended.
  absl::Status Add(const SelfTestFact& fact);

  bool has_ended() const { return ended_; }
  // Its next fact may take as long as reading a file does.
  bool is_loading() const;
  // It had found slots, and is still looking for more.
  bool is_probing() const;
  int slots_found() const { return slots_found_; }
  int slots_asked() const { return verdict_.slots_asked; }

  // `failure`: how the child failed, as the rest of a sentence; nothing where
  // it said all that it had to.
  absl::StatusOr<SelfTestVerdict> Judge(
      const std::optional<std::string>& failure) const;

 private:
  // What the child was doing last: " in the probe, after 31 slots".
  std::string Doing() const;
  // Whether the facts seen make this one possible.
  bool IsPossible(const SelfTestFact& fact) const;
  bool Knows(const std::string& model) const;
  void FallBack(const std::string& why, SelfTestVerdict& verdict) const;

  SelfTestVerdict verdict_;  // as far as it is known
  SelfTestFactKind step_ = SelfTestFactKind::kOpening;
  std::string step_name_;
  int step_slots_ = 0;
  int slots_found_ = 0;
  int num_facts_ = 0;
  bool ended_ = false;
  std::vector<std::string> warnings_;
  std::optional<std::string> error_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_SELF_TEST_VERDICT_H_
