// What `weir doctor` makes of what it found.
//
//   absl::StatusOr<SelfTestVerdict> verdict = RunSelfTestChild(options);
//   Append(DeviceFindings("cpu", verdict), findings);
//
// Thread-safety: any thread; PortFindings opens sockets for a moment.
// Ownership: values.
// Failure: none; what went wrong is a finding.
#ifndef WEIR_CLI_DOCTOR_FINDINGS_H_
#define WEIR_CLI_DOCTOR_FINDINGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/self_test_verdict.h"
#include "cli/finding.h"
#include "config/config.h"

namespace weir {

// A problem for each line of its message; where it is OK, that `what` is.
std::vector<Finding> StatusFindings(const std::string& subject,
                                    const absl::Status& status,
                                    const std::string& what);

// What came of a device as it is configured: what the backend is made of, the
// probe, and the runs of the models.
std::vector<Finding> DeviceFindings(
    const std::string& device, const absl::StatusOr<SelfTestVerdict>& verdict);

// Whether one could listen at each address now, and who does where one cannot.
std::vector<Finding> PortFindings(const ListenConfig& listen);

// `warnings` as SetModuleEnvironment gives them. Of WEIR_* variables the names
// alone are told.
std::vector<Finding> EnvironmentFindings(
    const std::vector<std::string>& warnings,
    const std::vector<std::string>& weir_names);

}  // namespace weir

#endif  // WEIR_CLI_DOCTOR_FINDINGS_H_
