#include "cli/finding.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "config/json_text.h"

namespace weir {
namespace {

const char* NameOf(FindingLevel level) {
  switch (level) {
    case FindingLevel::kOk:
      return "ok";
    case FindingLevel::kWarning:
      return "warning";
    case FindingLevel::kProblem:
      return "problem";
  }
  return "";
}

int64_t CountOf(const std::vector<Finding>& findings, FindingLevel level) {
  return std::count_if(
      findings.begin(), findings.end(),
      [level](const Finding& finding) { return finding.level == level; });
}

std::string Counted(int64_t count, const char* what) {
  return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
}

// Names of files, and what libraries say, may hold anything.
std::string InOneLine(const std::string& text) {
  std::string line;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte < 0x20 || byte == 0x7f) {
      absl::StrAppendFormat(&line, "\\x%02x", byte);
    } else {
      line.push_back(letter);
    }
  }
  return line;
}

}  // namespace

bool HasProblem(const std::vector<Finding>& findings) {
  return CountOf(findings, FindingLevel::kProblem) > 0;
}

std::string FindingsText(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    absl::StrAppendFormat(&text, "%-8s %-14s %s\n", NameOf(finding.level),
                          InOneLine(finding.subject), InOneLine(finding.what));
    if (finding.advice.empty()) continue;
    absl::StrAppendFormat(&text, "%-8s %-14s -> %s\n", "", "",
                          InOneLine(finding.advice));
  }
  absl::StrAppend(
      &text, "\n",
      Counted(CountOf(findings, FindingLevel::kProblem), "problem"), ", ",
      Counted(CountOf(findings, FindingLevel::kWarning), "warning"), "\n");
  return text;
}

std::string FindingsJson(const std::vector<Finding>& findings) {
  const auto format = [](std::string* out, const Finding& finding) {
    absl::StrAppend(out, "{\"level\": ", JsonText(NameOf(finding.level)),
                    ", \"subject\": ", JsonText(finding.subject),
                    ", \"what\": ", JsonText(finding.what),
                    ", \"advice\": ", JsonText(finding.advice), "}");
  };
  return absl::StrCat("{\"ok\": ", HasProblem(findings) ? "false" : "true",
                      ", \"findings\": [",
                      absl::StrJoin(findings, ", ", format), "]}\n");
}

}  // namespace weir
