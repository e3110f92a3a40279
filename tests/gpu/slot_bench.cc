// Measures slots of libtorch against a bare libtorch loop:
//
//   slot_bench --device cuda:0 --json rows.jsonl
//   slot_bench --device cpu --quick
//
// Prints a table of medians; the file gets every slice, a JSON line for each
// contender. --rounds N sets the slices of each, --slice-ms how long one is.
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

std::string TableRow(const Workload& workload, int threads,
                     const ContestResult& result) {
  std::vector<double> runs;
  std::vector<double> cpu;
  for (const Slice& slice : result.slices) {
    runs.push_back(slice.runs_per_second);
    cpu.push_back(1e6 * slice.cpu_seconds_per_run);
  }
  return absl::StrFormat("%-18s %5d  %-20s %10.1f %8.1f\n", workload.model,
                         threads, result.contender.name, Median(runs),
                         Median(cpu));
}

std::string JsonRow(const Plan& plan, const Workload& workload, int threads,
                    const ContestResult& result) {
  std::string runs;
  std::string cpu;
  for (const Slice& slice : result.slices) {
    const char* comma = runs.empty() ? "" : ", ";
    absl::StrAppendFormat(&runs, "%s%.2f", comma, slice.runs_per_second);
    absl::StrAppendFormat(&cpu, "%s%.2f", comma,
                          1e6 * slice.cpu_seconds_per_run);
  }
  return absl::StrFormat(
      R"({"model": "%s", "rows": %d, "device": "%s", "slots": %d, )"
      R"("contender": "%s", "runs_per_second": [%s], "cpu_us_per_run": [%s]})"
      "\n",
      workload.model, workload.rows, plan.device, threads,
      result.contender.name, runs, cpu);
}

void Measure(const Plan& plan, const Workload& workload, Contest::Rigs& rigs,
             std::ostream& json) {
  const ModelSource source = TorchSource(workload.model);
  const int num_slots = rigs.begin()->second->pool().num_slots();
  const auto bare = MakeBareLoop(source.path, plan.device, num_slots);
  Contest contest(rigs, source, *bare,
                  {.rows = workload.rows,
                   .slice = plan.slice,
                   .num_rounds = plan.num_rounds});
  for (const int threads : plan.threads) {
    if (threads > num_slots) break;
    for (const ContestResult& result : contest.Run(threads)) {
      std::fputs(TableRow(workload, threads, result).c_str(), stdout);
      json << JsonRow(plan, workload, threads, result) << std::flush;
    }
    std::fflush(stdout);
  }
}

int Main(const Arguments& arguments) {
  const Plan plan = MakePlan(arguments);
  std::ofstream json(arguments.Text("json", "/dev/null"), std::ios::app);
  RealClock clock;
  std::vector<std::unique_ptr<Backend>> backends;
  Contest::Rigs rigs;
  for (const Synchronize synchronize :
       {Synchronize::kAuto, Synchronize::kBlock, Synchronize::kSpin}) {
    backends.push_back(TorchBackend(clock, {.synchronize = synchronize}));
    rigs[synchronize] = std::make_unique<BackendRig>(
        *backends.back(), clock, plan.device, plan.threads.back());
  }
  std::puts(
      "model              slots  contender                 runs/s   us cpu");
  for (const Workload& workload : plan.workloads) {
    Measure(plan, workload, rigs, json);
  }
  return 0;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  return weir::Main(weir::Arguments(argc, argv));
}
