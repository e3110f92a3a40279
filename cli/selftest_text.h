// What `weir selftest` prints: for people, and as one JSON object.
//
//   std::fputs(SelftestText(verdict).c_str(), stdout);
//
// Thread-safety: pure functions.
// Ownership: values.
// Failure: none.
#ifndef WEIR_CLI_SELFTEST_TEXT_H_
#define WEIR_CLI_SELFTEST_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "backend/self_test_verdict.h"

namespace weir {

std::string SelftestText(const SelfTestVerdict& verdict);

std::string SelftestJson(const SelfTestVerdict& verdict,
                         const std::vector<std::string>& warnings);
// Where there is no verdict: {"error": ...}.
std::string SelftestJson(const absl::Status& error,
                         const std::vector<std::string>& warnings);

}  // namespace weir

#endif  // WEIR_CLI_SELFTEST_TEXT_H_
