#include "server/rpc/wire/infer_parameters.h"

#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "config/client_text.h"

namespace weir {
namespace {

using Parameter = inference::InferParameter;

constexpr int64_t kTimeoutMax = std::numeric_limits<int64_t>::max();
// A longer one than a Duration can be, some 292 years, is none.
constexpr int64_t kMicrosecondsMax =
    std::chrono::duration_cast<std::chrono::microseconds>(Duration::max())
        .count();

// A whole number of either kind, both of which clients send; none where it is
// no such or lies outside.
std::optional<int64_t> NumberWithin(const Parameter& parameter,
                                    int64_t number_max) {
  int64_t number = 0;
  if (parameter.parameter_choice_case() == Parameter::kInt64Param) {
    number = parameter.int64_param();
  } else if (parameter.parameter_choice_case() == Parameter::kUint64Param &&
             parameter.uint64_param() <= static_cast<uint64_t>(number_max)) {
    number = static_cast<int64_t>(parameter.uint64_param());
  } else {
    return std::nullopt;
  }
  if (number < 0 || number > number_max) return std::nullopt;
  return number;
}

absl::Status RefuseNumber(absl::string_view name, int64_t number_max) {
  return absl::InvalidArgumentError(
      absl::StrCat("parameter \"", name, "\": expected a whole number of 0 to ",
                   number_max));
}

absl::Status ReadPriority(const Parameter& parameter, InferCall& call) {
  const std::optional<int64_t> priority =
      NumberWithin(parameter, kPriorityLowest);
  if (!priority.has_value()) return RefuseNumber("priority", kPriorityLowest);
  if (*priority != 0) call.priority = static_cast<int>(*priority);
  return absl::OkStatus();
}

absl::Status ReadTimeout(const Parameter& parameter, InferCall& call) {
  const std::optional<int64_t> timeout = NumberWithin(parameter, kTimeoutMax);
  if (!timeout.has_value()) return RefuseNumber("timeout", kTimeoutMax);
  if (*timeout != 0 && *timeout <= kMicrosecondsMax) {
    call.timeout = std::chrono::microseconds(*timeout);
  }
  return absl::OkStatus();
}

std::string NotSupported(absl::string_view name) {
  return absl::StrCat("parameter ", Quoted(std::string(name)),
                      " is not supported");
}

// The first in the alphabet, but for the one that has no effect. `whose` is,
// say, `output "y"`.
absl::Status RefuseFirst(absl::string_view whose,
                         const ParameterMap& parameters,
                         std::optional<absl::string_view> idle) {
  const std::string* first = nullptr;
  for (const auto& [name, value] : parameters) {
    if (idle == absl::string_view(name)) continue;
    if (first == nullptr || name < *first) first = &name;
  }
  if (first == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(whose, ": ", NotSupported(*first)));
}

}  // namespace

absl::Status ReadParameters(const ParameterMap& parameters, InferCall& call) {
  // In the order of their names. At most kParametersMax.
  std::map<absl::string_view, const Parameter*> ordered;
  for (const auto& [name, value] : parameters) ordered[name] = &value;
  for (const auto& [name, value] : ordered) {
    absl::Status status;
    if (name == "priority") {
      status = ReadPriority(*value, call);
    } else if (name == "timeout") {
      status = ReadTimeout(*value, call);
    } else if (name != "triton_enable_empty_final_response") {
      status = absl::InvalidArgumentError(NotSupported(name));
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status RefuseInputParameters(const std::string& input,
                                   const ParameterMap& parameters) {
  return RefuseFirst(absl::StrCat("input ", Quoted(input)), parameters,
                     "binary_data_size");
}

absl::Status RefuseOutputParameters(const std::string& output,
                                    const ParameterMap& parameters) {
  return RefuseFirst(absl::StrCat("output ", Quoted(output)), parameters,
                     std::nullopt);
}

}  // namespace weir
