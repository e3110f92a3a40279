#include "cli/bench_text.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/infer_text.h"
#include "config/json_text.h"

namespace weir {
namespace {

// From here on our own processor time is said to be what may limit.
constexpr double kBusyCores = 0.95;

double PerSecond(double amount, Duration elapsed) {
  return elapsed > Duration::zero() ? amount / ToSeconds(elapsed) : 0;
}

double ClientCores(const BenchLevel& level) {
  return PerSecond(level.client_cpu_seconds, level.elapsed);
}

std::optional<double> ServerMicroseconds(const BenchLevel& level) {
  if (!level.server_cpu_seconds.has_value() || level.num_requests() == 0) {
    return std::nullopt;
  }
  return *level.server_cpu_seconds * 1e6 /
         static_cast<double>(level.num_requests());
}

std::vector<std::string> Row(const BenchLevel& level) {
  const std::optional<double> server = ServerMicroseconds(level);
  const LatencySummary& latency = level.latency;
  return {absl::StrCat(level.concurrency),
          absl::StrCat(level.num_ok()),
          absl::StrCat(level.num_requests() - level.num_ok()),
          absl::StrFormat("%.1f", level.per_second()),
          DurationText(latency.p50),
          DurationText(latency.p90),
          DurationText(latency.p99),
          DurationText(latency.max),
          server.has_value() ? absl::StrFormat("%.1f us", *server) : "-"};
}

std::string ErrorsText(const BenchLevel& level) {
  std::string text;
  for (const auto& [code, count] : level.counts) {
    if (code == absl::StatusCode::kOk) continue;
    absl::StrAppend(&text, level.concurrency, " at once: ", count, " times ",
                    absl::StatusCodeToString(code), ": ",
                    level.messages.at(code), "\n");
  }
  return text;
}

std::string JsonCounts(const BenchLevel& level) {
  return absl::StrCat(
      "{",
      absl::StrJoin(level.counts, ", ",
                    [](std::string* out, const auto& entry) {
                      absl::StrAppend(
                          out, JsonText(absl::StatusCodeToString(entry.first)),
                          ": ", entry.second);
                    }),
      "}");
}

std::string JsonLevel(const BenchLevel& level) {
  const std::optional<double> server = ServerMicroseconds(level);
  const auto milliseconds = [](Duration duration) {
    return absl::StrFormat("%.6f", ToSeconds(duration) * 1e3);
  };
  return absl::StrCat(
      "{\"concurrency\": ", level.concurrency,
      ", \"seconds\": ", absl::StrFormat("%.6f", ToSeconds(level.elapsed)),
      ", \"requests\": ", level.num_requests(),
      ", \"codes\": ", JsonCounts(level),
      ", \"per_second\": ", absl::StrFormat("%.3f", level.per_second()),
      ", \"p50_ms\": ", milliseconds(level.latency.p50),
      ", \"p90_ms\": ", milliseconds(level.latency.p90),
      ", \"p99_ms\": ", milliseconds(level.latency.p99),
      ", \"max_ms\": ", milliseconds(level.latency.max),
      ", \"server_cpu_us_per_request\": ",
      server.has_value() ? absl::StrFormat("%.3f", *server) : "null",
      ", \"client_cores\": ", absl::StrFormat("%.3f", ClientCores(level)), "}");
}

}  // namespace

int64_t BenchLevel::num_ok() const {
  const auto found = counts.find(absl::StatusCode::kOk);
  return found == counts.end() ? 0 : found->second;
}

int64_t BenchLevel::num_requests() const {
  int64_t total = 0;
  for (const auto& [code, count] : counts) total += count;
  return total;
}

double BenchLevel::per_second() const {
  return PerSecond(static_cast<double>(num_ok()), elapsed);
}

std::string BenchText(const BenchReport& report) {
  std::vector<std::vector<std::string>> rows = {{"at once", "OK", "errors",
                                                 "OK per s", "p50", "p90",
                                                 "p99", "max", "server CPU"}};
  for (const BenchLevel& level : report.levels) rows.push_back(Row(level));
  std::string text =
      absl::StrCat(report.model, " at ", report.address, "\n", Table(rows));
  for (const BenchLevel& level : report.levels) {
    absl::StrAppend(&text, ErrorsText(level));
    if (ClientCores(level) >= kBusyCores) {
      absl::StrAppendFormat(&text,
                            "%d at once: this client used %.1f cores; it may "
                            "be what limits\n",
                            level.concurrency, ClientCores(level));
    }
  }
  if (!report.no_server_cpu.empty()) {
    absl::StrAppend(&text, "the server's CPU per request is left out: ",
                    report.no_server_cpu, "\n");
  }
  if (report.is_interrupted) {
    absl::StrAppend(&text, "interrupted: the last line is of less time\n");
  }
  return text;
}

std::string BenchJson(const BenchReport& report) {
  return absl::StrCat(
      "{\"model\": ", JsonText(report.model),
      ", \"address\": ", JsonText(report.address), ", \"levels\": [",
      absl::StrJoin(report.levels, ", ",
                    [](std::string* out, const BenchLevel& level) {
                      absl::StrAppend(out, JsonLevel(level));
                    }),
      "], \"no_server_cpu\": ", JsonText(report.no_server_cpu),
      ", \"interrupted\": ", report.is_interrupted ? "true" : "false", "}\n");
}

}  // namespace weir
