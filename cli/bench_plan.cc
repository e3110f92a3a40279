#include "cli/bench_plan.h"

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "cli/argument.h"
#include "config/config_error.h"
#include "config/kind.h"
#include "config/status_macros.h"

namespace weir {
namespace {

constexpr char kMetricsDefault[] = "localhost:8002";

absl::StatusOr<std::vector<int>> ParseLevels(const std::string& text) {
  const WholeNumberKind<int> kind{1, kBenchConcurrencyMax};
  std::vector<int> levels;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    int level = 0;
    const absl::Status status = kind.Parse({.text = part}, level);
    if (!status.ok() || levels.size() == kBenchLevelsMax) {
      return ConfigError{
          .place = "--concurrency",
          .what =
              status.ok() ? "too many levels" : std::string(status.message()),
          .got = text,
          .allowed = "up to 16 numbers such as 1,4,16, each " + kind.Allowed()}
          .ToStatus();
    }
    levels.push_back(level);
  }
  return levels;
}

bool IsOnThisMachine(absl::string_view address) {
  for (const char* prefix : {"localhost:", "127.", "[::1]:", "unix:"}) {
    if (absl::StartsWith(address, prefix)) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<BenchPlan> PlanBench(const BenchArguments& arguments) {
  if (arguments.time.has_value() && arguments.requests.has_value()) {
    return absl::InvalidArgumentError(
        "--time and --requests: one of the two ends a level");
  }
  BenchPlan plan;
  WEIR_ASSIGN_OR_RETURN(plan.infer, PlanInfer(arguments.infer));
  WEIR_ASSIGN_OR_RETURN(plan.concurrency, ParseLevels(arguments.concurrency));
  const TimeKind time{std::chrono::milliseconds(1), std::chrono::minutes(10)};
  WEIR_RETURN_IF_ERROR(TakeArgument("--time", arguments.time, time, plan.time));
  const TimeKind warm_up{Duration::zero(), std::chrono::minutes(1)};
  WEIR_RETURN_IF_ERROR(
      TakeArgument("--warm-up", arguments.warm_up, warm_up, plan.warm_up));
  if (arguments.requests.has_value()) {
    const WholeNumberKind<int64_t> requests{1, kBenchRequestsMax};
    WEIR_RETURN_IF_ERROR(TakeArgument("--requests", arguments.requests,
                                      requests, plan.requests.emplace()));
  }
  if (arguments.metrics.has_value()) {
    WEIR_RETURN_IF_ERROR(CheckServerAddress("--metrics", *arguments.metrics));
    plan.metrics = arguments.metrics;
  } else if (IsOnThisMachine(plan.infer.address)) {
    plan.metrics = kMetricsDefault;
  }
  return plan;
}

}  // namespace weir
