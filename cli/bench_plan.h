// BenchPlan: what `weir bench` is to do, out of what it was told.
//
//   BenchArguments arguments{.infer = {.model = "mlp"}, .concurrency = "1,16"};
//   WEIR_ASSIGN_OR_RETURN(const BenchPlan plan, PlanBench(arguments));
//
// Thread-safety: pure functions.
// Ownership: values.
// Failure: INVALID_ARGUMENT, which names the argument and says what is allowed.
#ifndef WEIR_CLI_BENCH_PLAN_H_
#define WEIR_CLI_BENCH_PLAN_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/infer_plan.h"
#include "sync/clock.h"

namespace weir {

// What is kept of each request takes 8 bytes.
inline constexpr int64_t kBenchRequestsMax = 10'000'000;
inline constexpr int kBenchConcurrencyMax = 1024;
inline constexpr size_t kBenchLevelsMax = 16;

// As written.
struct BenchArguments {
  InferArguments infer = {};
  std::string concurrency = "1,4,16";
  std::optional<std::string> time = std::nullopt;
  std::optional<std::string> requests = std::nullopt;
  std::optional<std::string> warm_up = std::nullopt;
  std::optional<std::string> metrics = std::nullopt;
};

struct BenchPlan {
  InferPlan infer = {};
  // How many requests are under way at once, one level after the other.
  std::vector<int> concurrency = {};
  // For each level: for so long, or so many.
  Duration time = std::chrono::seconds(5);
  std::optional<int64_t> requests = std::nullopt;
  Duration warm_up = std::chrono::seconds(1);
  // HOST:PORT of the server's HTTP; nothing where it is not on this machine and
  // nobody named it.
  std::optional<std::string> metrics = std::nullopt;
};

absl::StatusOr<BenchPlan> PlanBench(const BenchArguments& arguments);

}  // namespace weir

#endif  // WEIR_CLI_BENCH_PLAN_H_
