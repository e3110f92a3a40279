// Measures slots of libtorch against a bare libtorch loop:
//
//   slot_bench --device cuda:0 --synchronize auto --json rows.jsonl
//   slot_bench --device cpu --quick
//
// One process for each way to wait, for a device takes it once. Prints a table;
// the file gets the same rows as JSON lines. --rounds N sets the slices of each
// contender, --slice-ms how long one is.
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "tests/gpu/arguments.h"
#include "tests/gpu/contest.h"
#include "tests/torch/torch_fixtures.h"

namespace weir {
namespace {

struct Workload {
  std::string model;
  int64_t rows;
};

struct Plan {
  std::string device;
  std::string synchronize;
  BackendConfig config;
  std::vector<int> threads;
  std::vector<Workload> workloads;
  Duration slice{0};
  int num_rounds = 0;
};

int Number(const Arguments& arguments, const char* name, int otherwise) {
  int number = otherwise;
  const std::string text = arguments.Text(name, std::to_string(otherwise));
  WEIR_CHECK(absl::SimpleAtoi(text, &number), "a number is one");
  return number;
}

Plan MakePlan(const Arguments& arguments) {
  const bool is_quick = arguments.Is("quick");
  Plan plan;
  plan.device = arguments.Text("device", "cuda:0");
  plan.synchronize = arguments.Text("synchronize", "auto");
  plan.config.synchronize = plan.synchronize == "block"  ? Synchronize::kBlock
                            : plan.synchronize == "spin" ? Synchronize::kSpin
                                                         : Synchronize::kAuto;
  plan.threads =
      is_quick ? std::vector<int>{1, 2} : std::vector<int>{1, 2, 4, 8, 16};
  plan.workloads = {{"mlp256", 1}};
  if (is_quick) {
    plan.workloads.push_back({"transformer", 4});
    plan.workloads.push_back({"convolution", 8});
  } else {
    plan.workloads.push_back({"mlp2048", 64});
    plan.workloads.push_back({"bench_transformer", 4});
    plan.workloads.push_back({"bench_convolution", 8});
  }
  plan.slice = std::chrono::milliseconds(
      Number(arguments, "slice-ms", is_quick ? 50 : 300));
  plan.num_rounds = Number(arguments, "rounds", is_quick ? 3 : 5);
  return plan;
}

constexpr char kHeading[] =
    "model              sync   slots     weir/s     bare/s  ratio  gather  "
    "scale bare-sc   us cpu  bare us\n";

std::string TableRow(const Plan& plan, const Workload& workload, int threads,
                     const ContestResult& is, const ContestResult& one) {
  const double n = threads;
  return absl::StrFormat(
      "%-18s %-6s %5d %10.1f %10.1f %6.3f %7.3f %6.3f %7.3f %8.1f %8.1f\n",
      workload.model, plan.synchronize, threads, is.weir.runs_per_second,
      is.bare.runs_per_second, is.ratio, is.ratio_gather,
      is.weir.runs_per_second / (n * one.weir.runs_per_second),
      is.bare.runs_per_second / (n * one.bare.runs_per_second),
      1e6 * is.weir.cpu_seconds_per_run, 1e6 * is.bare.cpu_seconds_per_run);
}

std::string JsonRow(const Plan& plan, const Workload& workload, int threads,
                    const ContestResult& is, const ContestResult& one) {
  const double n = threads;
  return absl::StrFormat(
      R"({"model": "%s", "rows": %d, "device": "%s", "synchronize": "%s", )"
      R"("slots": %d, "weir_runs_per_second": %.2f, )"
      R"("bare_runs_per_second": %.2f, "weir_gather_runs_per_second": %.2f, )"
      R"("bare_gather_runs_per_second": %.2f, )"
      R"("ratio": %.4f, "ratio_gather": %.4f, "weir_scaling": %.4f, )"
      R"("bare_scaling": %.4f, "weir_cpu_us_per_run": %.2f, )"
      R"("bare_cpu_us_per_run": %.2f})"
      "\n",
      workload.model, workload.rows, plan.device, plan.synchronize, threads,
      is.weir.runs_per_second, is.bare.runs_per_second,
      is.weir_gather.runs_per_second, is.bare_gather.runs_per_second, is.ratio,
      is.ratio_gather, is.weir.runs_per_second / (n * one.weir.runs_per_second),
      is.bare.runs_per_second / (n * one.bare.runs_per_second),
      1e6 * is.weir.cpu_seconds_per_run, 1e6 * is.bare.cpu_seconds_per_run);
}

void Measure(const Plan& plan, const Workload& workload, BackendRig& rig,
             std::ostream& json) {
  const ModelSource source = TorchSource(workload.model);
  std::unique_ptr<Model> model = rig.Load(source);
  {
    const auto bare =
        MakeBareLoop(source.path, plan.device, rig.pool().num_slots());
    Contest contest(rig, *model, *bare,
                    {.rows = workload.rows,
                     .slice = plan.slice,
                     .num_rounds = plan.num_rounds});
    ContestResult one;
    for (const int threads : plan.threads) {
      if (threads > rig.pool().num_slots()) break;
      const ContestResult is = contest.Run(threads);
      if (threads == 1) one = is;
      std::fputs(TableRow(plan, workload, threads, is, one).c_str(), stdout);
      std::fflush(stdout);
      json << JsonRow(plan, workload, threads, is, one) << std::flush;
    }
  }
  rig.Free(std::move(model));
}

int Main(const Arguments& arguments) {
  const Plan plan = MakePlan(arguments);
  std::ofstream json(arguments.Text("json", "/dev/null"), std::ios::app);
  RealClock clock;
  const std::unique_ptr<Backend> backend = TorchBackend(clock, plan.config);
  BackendRig rig(*backend, clock, plan.device, plan.threads.back());
  std::fputs(kHeading, stdout);
  for (const Workload& workload : plan.workloads) {
    Measure(plan, workload, rig, json);
  }
  return 0;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  return weir::Main(weir::Arguments(argc, argv));
}
