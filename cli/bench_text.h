// What `weir bench` prints: for people, and as one JSON object.
//
//   std::fputs(BenchText(report).c_str(), stdout);
//
// Thread-safety: pure functions.
// Ownership: values.
// Failure: none.
#ifndef WEIR_CLI_BENCH_TEXT_H_
#define WEIR_CLI_BENCH_TEXT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/bench_latency.h"
#include "sync/clock.h"

namespace weir {

// One concurrency, measured.
struct BenchLevel {
  int concurrency = 0;
  Duration elapsed{0};
  LatencySummary latency = {};
  std::map<absl::StatusCode, int64_t> counts = {};
  std::map<absl::StatusCode, std::string> messages = {};
  // Processor time: the server's, where it could be had, and our own.
  std::optional<double> server_cpu_seconds = std::nullopt;
  double client_cpu_seconds = 0;

  int64_t num_ok() const;
  int64_t num_requests() const;
  // Of those that were answered OK.
  double per_second() const;
};

struct BenchReport {
  std::string model = {};
  std::string address = {};
  std::vector<BenchLevel> levels = {};
  // Why the server's processor time could not be had; empty where it could.
  std::string no_server_cpu = {};
  bool is_interrupted = false;
};

// A line for each level, and a sentence for each thing worth knowing.
std::string BenchText(const BenchReport& report);
std::string BenchJson(const BenchReport& report);

}  // namespace weir

#endif  // WEIR_CLI_BENCH_TEXT_H_
