#include "backend/self_test_child.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "backend/child_process.h"
#include "backend/self_test_fact.h"
#include "config/number.h"
#include "config/status_macros.h"

namespace weir {
namespace {

constexpr size_t kLastLinesMax = 8;
constexpr size_t kLastLineBytesMax = 200;

// One child, from its start to its end.
struct Attempt {
  SelfTestRecord record;
  std::optional<std::string> failure;  // the rest of a sentence
  std::vector<std::string> last_words;
};

std::vector<std::string> CommandOf(const SelfTestChildOptions& options,
                                   std::optional<int> slots) {
  std::vector<std::string> command = options.command;
  command.insert(command.end(), {"--device", options.device});
  if (slots.has_value()) {
    command.insert(command.end(), {"--slots", absl::StrCat(*slots)});
  }
  return command;
}

// The child's last printed lines, as an operator's terminal may show them.
std::vector<std::string> LastLines(const std::string& printed) {
  std::vector<std::string> lines =
      absl::StrSplit(printed, '\n', absl::SkipWhitespace());
  if (lines.size() > kLastLinesMax) {
    lines.erase(lines.begin(), lines.end() - kLastLinesMax);
  }
  for (std::string& line : lines) line = PrintableText(line, kLastLineBytesMax);
  return lines;
}

// Takes the child's lines into `record` until it has said all. An answer: how
// it failed, as the rest of a sentence.
std::optional<std::string> Listen(ChildProcess& child,
                                  const SelfTestChildOptions& options,
                                  TimePoint end, SelfTestRecord& record) {
  const RealClock clock;
  bool has_greeted = false;
  // The record bounds the lines.
  while (!record.has_ended()) {
    const Duration silence_max =
        record.is_loading() ? options.load_time_max : options.step_time_max;
    const TimePoint deadline =
        std::min(end, SaturatingAdd(clock.Now(), silence_max));
    std::string line;
    switch (child.ReadLine(deadline, line)) {
      case ChildProcess::Read::kLine:
        break;
      case ChildProcess::Read::kTooLong:
        return "broke its protocol: a line without an end";
      case ChildProcess::Read::kClosed:
        return child.Stop();
      case ChildProcess::Read::kDeadline:
        return deadline == end
                   ? absl::StrCat("took longer than ",
                                  PrintDuration(options.total_time_max))
                   : absl::StrCat("gave no answer for ",
                                  PrintDuration(silence_max));
    }
    if (!std::exchange(has_greeted, true)) {
      if (line != kSelfTestVersion) return "broke its protocol: no version";
      continue;
    }
    const absl::StatusOr<SelfTestFact> fact = ParseSelfTestLine(line);
    const absl::Status status = fact.ok() ? record.Add(*fact) : fact.status();
    if (!status.ok()) {
      return absl::StrCat("broke its protocol: ",
                          std::string(status.message()));
    }
  }
  return std::nullopt;
}

absl::StatusOr<Attempt> Try(const SelfTestChildOptions& options,
                            std::optional<int> slots, TimePoint end) {
  WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> child,
                        ChildProcess::Start(CommandOf(options, slots)));
  Attempt attempt{SelfTestRecord(options.device, slots), std::nullopt, {}};
  attempt.failure = Listen(*child, options, end, attempt.record);
  child->Stop();
  attempt.last_words = LastLines(child->last_words());
  return attempt;
}

void AddLastWords(const Attempt& attempt, SelfTestVerdict& verdict) {
  for (const std::string& line : attempt.last_words) {
    verdict.evidence.push_back(absl::StrCat("it printed: ", line));
  }
}

// The verdict, and what the child printed where it failed.
absl::StatusOr<SelfTestVerdict> Judge(const Attempt& attempt) {
  absl::StatusOr<SelfTestVerdict> verdict =
      attempt.record.Judge(attempt.failure);
  if (!attempt.failure.has_value()) return verdict;
  if (verdict.ok()) {
    AddLastWords(attempt, *verdict);
  } else if (!attempt.last_words.empty()) {
    return absl::Status(
        verdict.status().code(),
        absl::StrCat(std::string(verdict.status().message()),
                     "; it printed: ", attempt.last_words.back()));
  }
  return verdict;
}

}  // namespace

absl::StatusOr<SelfTestVerdict> RunSelfTestChild(
    const SelfTestChildOptions& options) {
  const TimePoint end =
      SaturatingAdd(RealClock().Now(), options.total_time_max);
  WEIR_ASSIGN_OR_RETURN(const Attempt first, Try(options, options.slots, end));
  if (!first.failure.has_value() || !first.record.is_probing()) {
    return Judge(first);
  }
  const int found = first.record.slots_found();
  WEIR_ASSIGN_OR_RETURN(const Attempt second, Try(options, found, end));
  WEIR_ASSIGN_OR_RETURN(SelfTestVerdict verdict, Judge(second));
  verdict.slots_asked = first.record.slots_asked();
  verdict.cause = absl::StrCat("the probe ", *first.failure, " after ", found,
                               found == 1 ? " slot" : " slots");
  verdict.evidence.push_back(absl::StrCat(verdict.device, ": ", verdict.cause));
  AddLastWords(first, verdict);
  return verdict;
}

}  // namespace weir
