#include "backend/self_test_verdict.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace weir {
namespace {

using Kind = SelfTestFactKind;

std::string Slots(int count) {
  return absl::StrCat(count, count == 1 ? " slot" : " slots");
}

std::string Model(const std::string& name) {
  return absl::StrCat("model \"", name, "\"");
}

}  // namespace

SelfTestRecord::SelfTestRecord(const std::string& device,
                               std::optional<int> slots) {
  verdict_.device = device;
  verdict_.slots_asked = slots.value_or(0);
}

bool SelfTestRecord::is_loading() const {
  return step_ == Kind::kOpening || step_ == Kind::kLoading;
}

bool SelfTestRecord::is_probing() const {
  return step_ == Kind::kProbing && slots_found_ > 0;
}

bool SelfTestRecord::Knows(const std::string& model) const {
  return std::find(verdict_.tested.begin(), verdict_.tested.end(), model) !=
         verdict_.tested.end();
}

bool SelfTestRecord::IsPossible(const SelfTestFact& fact) const {
  const SelfTestVerdict& known = verdict_;
  const bool is_open =
      known.counts.empty() || known.counts.back().slots < step_slots_;
  switch (fact.kind) {
    case Kind::kOpening:
      return step_ == Kind::kOpening;
    case Kind::kLibrary:
      return step_ == Kind::kOpening &&
             known.libraries.size() < kSelfTestWarningsMax;
    case Kind::kScripted:
      return step_ == Kind::kOpening;
    case Kind::kFreeing:
      return true;
    case Kind::kDevice:
      return step_ == Kind::kOpening && !fact.name.empty() && fact.slots >= 1 &&
             (known.slots_asked == 0 || known.slots_asked == fact.slots);
    case Kind::kProbing:
      return step_ == Kind::kDevice;
    case Kind::kFound:
      return step_ == Kind::kProbing && fact.slots == slots_found_ + 1 &&
             fact.slots <= known.slots_asked;
    case Kind::kProbed:
      return step_ == Kind::kProbing && fact.slots >= 1 &&
             fact.slots <= known.slots_asked;
    case Kind::kWarning:
      return warnings_.size() < kSelfTestWarningsMax;
    case Kind::kLoading:
      return known.slots_probed > 0 && known.counts.empty() &&
             known.tested.size() + known.untested.size() < kSelfTestModelsMax;
    case Kind::kAlone:
      return step_ == Kind::kLoading && fact.name == step_name_;
    case Kind::kTested:
      return step_ == Kind::kAlone && fact.name == step_name_;
    case Kind::kUntested:
      return (step_ == Kind::kLoading || step_ == Kind::kAlone) &&
             fact.name == step_name_;
    case Kind::kTogether:
      return !known.tested.empty() && fact.slots >= 2 &&
             fact.slots > step_slots_ && fact.slots <= known.slots_probed &&
             (known.counts.empty() || known.counts.back().is_clean);
    case Kind::kRound:
    case Kind::kClean:
      return step_ == Kind::kTogether && fact.slots == step_slots_ && is_open;
    case Kind::kWrong:
      return step_ == Kind::kTogether && fact.slots == step_slots_ && is_open &&
             Knows(fact.name);
    case Kind::kError:
      return !error_.has_value();
    case Kind::kEnd:
      return step_ == Kind::kFreeing;
  }
  return false;
}

absl::Status SelfTestRecord::Add(const SelfTestFact& fact) {
  if (++num_facts_ > kSelfTestLinesMax || !IsPossible(fact)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a line out of its place: ", ToLine(fact)));
  }
  switch (fact.kind) {
    case Kind::kDevice:
      step_ = fact.kind;
      verdict_.device = fact.name;
      verdict_.slots_asked = fact.slots;
      break;
    case Kind::kOpening:
    case Kind::kProbing:
    case Kind::kLoading:
    case Kind::kAlone:
    case Kind::kTogether:
    case Kind::kFreeing:
      step_ = fact.kind;
      step_name_ = fact.name;
      if (fact.kind == Kind::kTogether) step_slots_ = fact.slots;
      break;
    case Kind::kFound:
      slots_found_ = fact.slots;
      break;
    case Kind::kProbed:
      step_ = fact.kind;
      verdict_.slots_probed = fact.slots;
      break;
    case Kind::kLibrary:
      verdict_.libraries.push_back(fact.text);
      break;
    case Kind::kScripted:
      verdict_.needs_files = false;
      break;
    case Kind::kWarning:
      warnings_.push_back(fact.text);
      break;
    case Kind::kTested:
      step_ = Kind::kProbed;
      verdict_.tested.push_back(fact.name);
      break;
    case Kind::kUntested:
      step_ = Kind::kProbed;
      verdict_.untested.push_back({fact.name, fact.text});
      break;
    case Kind::kRound:
      break;
    case Kind::kClean:
      verdict_.counts.push_back({fact.slots, true, ""});
      break;
    case Kind::kWrong:
      verdict_.counts.push_back(
          {fact.slots, false, absl::StrCat(Model(fact.name), " ", fact.text)});
      break;
    case Kind::kError:
      error_ = fact.text;
      break;
    case Kind::kEnd:
      ended_ = true;
      break;
  }
  return absl::OkStatus();
}

std::string SelfTestRecord::Doing() const {
  switch (step_) {
    case Kind::kOpening:
      return "while it opened the backend's module";
    case Kind::kDevice:
      return "before the probe";
    case Kind::kProbing:
      return slots_found_ == 0
                 ? "in the probe, before the first slot"
                 : absl::StrCat("in the probe, after ", Slots(slots_found_));
    case Kind::kLoading:
      return absl::StrCat("while it loaded ", Model(step_name_));
    case Kind::kAlone:
      return absl::StrCat("while ", Model(step_name_), " ran alone");
    case Kind::kTogether:
      return absl::StrCat("while it ran on ", Slots(step_slots_));
    case Kind::kFreeing:
      return "while it freed the models";
    default:
      return "between two models";
  }
}

void SelfTestRecord::FallBack(const std::string& why,
                              SelfTestVerdict& verdict) const {
  const std::string at =
      step_slots_ > 0 ? absl::StrCat(" at ", Slots(step_slots_)) : "";
  verdict.slots = 1;
  verdict.evidence.push_back(absl::StrCat(verdict.device, ": self-test", at,
                                          ": ", why, "; using 1 slot"));
}

absl::StatusOr<SelfTestVerdict> SelfTestRecord::Judge(
    const std::optional<std::string>& failure) const {
  const bool one_slot_works =
      step_ == Kind::kTogether || step_ == Kind::kFreeing;
  if (error_.has_value() || (failure.has_value() && !one_slot_works)) {
    return absl::UnavailableError(
        absl::StrCat(verdict_.device, ": self-test: ",
                     error_.has_value()
                         ? *error_
                         : absl::StrCat("the child ", *failure, " ", Doing())));
  }
  SelfTestVerdict verdict = verdict_;
  verdict.cause = "as configured";
  if (verdict.slots_probed < verdict.slots_asked) {
    verdict.cause = warnings_.empty() ? "the backend gives no reason"
                                      : absl::StrJoin(warnings_, "; ");
  }
  const bool is_wrong =
      !verdict.counts.empty() && !verdict.counts.back().is_clean;
  const bool is_tested_whole =
      !verdict.counts.empty() &&
      verdict.counts.back().slots == verdict.slots_probed;
  if (is_wrong) {
    FallBack(verdict.counts.back().what, verdict);
  } else if (failure.has_value() && step_ == Kind::kFreeing) {
    FallBack(absl::StrCat("the child ", *failure, " ", Doing()), verdict);
  } else if (failure.has_value()) {
    verdict.counts.push_back(
        {step_slots_, false, absl::StrCat("the child ", *failure)});
    FallBack(verdict.counts.back().what, verdict);
  } else if (verdict.slots_probed == 1) {
    verdict.slots = 1;
  } else if (verdict.tested.empty()) {
    FallBack("no model could be run on several slots", verdict);
  } else if (!is_tested_whole) {
    FallBack("the child ended before it had tried all slots", verdict);
  } else {
    verdict.slots = verdict.slots_probed;
  }
  verdict.evidence.insert(verdict.evidence.end(), warnings_.begin(),
                          warnings_.end());
  return verdict;
}

}  // namespace weir
