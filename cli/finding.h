// Finding: one thing that `weir doctor` looked at, and how it is.
//
//   std::vector<Finding> findings = {{.subject = "cores", .what = "2"}};
//   findings.push_back({.level = FindingLevel::kProblem,
//                       .subject = "127.0.0.1:8001",
//                       .what = "python3 (process 4711) listens there",
//                       .advice = "end it, or set listen.grpc"});
//   std::fputs(FindingsText(findings).c_str(), stdout);
//
// Thread-safety: pure functions on values.
// Ownership: values.
// Failure: none; whatever a finding says stays on its lines.
#ifndef WEIR_CLI_FINDING_H_
#define WEIR_CLI_FINDING_H_

#include <string>
#include <vector>

namespace weir {

// A warning may well be as it should; a problem may not.
enum class FindingLevel { kOk, kWarning, kProblem };

struct Finding {
  FindingLevel level = FindingLevel::kOk;
  std::string subject = {};
  std::string what = {};
  std::string advice = {};  // what to do, where there is anything to do
};

bool HasProblem(const std::vector<Finding>& findings);

// A line for each, with its advice below it.
std::string FindingsText(const std::vector<Finding>& findings);
// One JSON object.
std::string FindingsJson(const std::vector<Finding>& findings);

}  // namespace weir

#endif  // WEIR_CLI_FINDING_H_
