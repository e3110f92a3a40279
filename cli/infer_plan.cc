#include "cli/infer_plan.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/argument.h"
#include "config/config_error.h"
#include "config/kind.h"
#include "config/number.h"
#include "config/status_macros.h"

namespace weir {
namespace {

constexpr char kInputAllowed[] =
    "NAME=random:2,256, NAME=FILE.npy, or NAME=[[1, 2], [3, 4]]";
constexpr int64_t kPortMax = 65535;

absl::Status RefuseArgument(absl::string_view option, absl::string_view what,
                            absl::string_view got, absl::string_view allowed) {
  return ConfigError{.place = std::string(option),
                     .what = std::string(what),
                     .got = std::string(got),
                     .allowed = std::string(allowed)}
      .ToStatus();
}

}  // namespace

absl::Status CheckServerAddress(absl::string_view option,
                                absl::string_view address) {
  constexpr absl::string_view kUnix = "unix:";
  if (absl::StartsWith(address, kUnix) && address.size() > kUnix.size()) {
    return absl::OkStatus();
  }
  const size_t colon = address.rfind(':');
  if (colon != absl::string_view::npos && colon > 0) {
    const absl::StatusOr<int64_t> port =
        ParseWholeNumber(address.substr(colon + 1));
    if (port.ok() && *port >= 1 && *port <= kPortMax) return absl::OkStatus();
  }
  return RefuseArgument(option, "not an address", address,
                        "HOST:PORT, unix:PATH");
}

absl::StatusOr<std::vector<int64_t>> ParseShape(absl::string_view text) {
  std::vector<int64_t> shape;
  if (text.empty()) return shape;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    WEIR_ASSIGN_OR_RETURN(const int64_t dimension, ParseWholeNumber(part));
    if (dimension < 0) return absl::InvalidArgumentError("negative");
    shape.push_back(dimension);
  }
  return shape;
}

absl::StatusOr<InputSource> ParseInputSource(absl::string_view text) {
  const size_t equals = text.find('=');
  if (equals == absl::string_view::npos || equals == 0) {
    return RefuseArgument("--input", "has no name", text, kInputAllowed);
  }
  InputSource source{.name = std::string(text.substr(0, equals)),
                     .text = std::string(text.substr(equals + 1))};
  constexpr absl::string_view kRandom = "random:";
  if (absl::StartsWith(source.text, kRandom)) {
    absl::StatusOr<std::vector<int64_t>> shape =
        ParseShape(absl::string_view(source.text).substr(kRandom.size()));
    if (!shape.ok()) {
      return RefuseArgument("--input", "not a shape", text,
                            "dimensions such as random:2,256");
    }
    source.kind = InputSource::Kind::kRandom;
    source.shape = *std::move(shape);
  } else if (absl::EndsWith(source.text, ".npy")) {
    source.kind = InputSource::Kind::kNpy;
  } else if (source.text.empty()) {
    return RefuseArgument("--input", "has no value", text, kInputAllowed);
  }
  return source;
}

absl::StatusOr<InferPlan> PlanInfer(const InferArguments& arguments) {
  InferPlan plan{.model = arguments.model,
                 .outputs = arguments.outputs,
                 .address = arguments.address};
  WEIR_RETURN_IF_ERROR(CheckServerAddress("--address", plan.address));
  if (arguments.version.has_value()) {
    int64_t version = 0;
    WEIR_RETURN_IF_ERROR(TakeArgument(
        "--model-version", arguments.version,
        WholeNumberKind<int64_t>{1, std::numeric_limits<int64_t>::max()},
        version));
    plan.version = absl::StrCat(version);
  }
  const TimeKind timeout{std::chrono::milliseconds(1), std::chrono::hours(1)};
  WEIR_RETURN_IF_ERROR(
      TakeArgument("--timeout", arguments.timeout, timeout, plan.timeout));
  for (const std::string& text : arguments.inputs) {
    WEIR_ASSIGN_OR_RETURN(InputSource source, ParseInputSource(text));
    for (const InputSource& other : plan.inputs) {
      if (other.name != source.name) continue;
      return absl::InvalidArgumentError(
          absl::StrCat("--input: \"", source.name, "\" is given twice"));
    }
    plan.inputs.push_back(std::move(source));
  }
  return plan;
}

}  // namespace weir
