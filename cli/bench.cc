#include "cli/bench.h"

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/bench_load.h"
#include "cli/bench_metrics.h"
#include "cli/bench_plan.h"
#include "cli/bench_text.h"
#include "cli/infer.h"
#include "cli/infer_session.h"

namespace weir {
namespace {

constexpr int kRequestsPerConnection = 64;

std::atomic<bool> is_interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free,
              "a signal's handler may set it");

extern "C" void OnInterrupt(int signal) {
  static_cast<void>(signal);
  is_interrupted.store(true);
  constexpr char kSentence[] =
      "\nweir: ending with the answers under way; Ctrl-C again to give up\n";
  // Nothing can be done about a terminal that takes no text.
  static_cast<void>(!write(STDERR_FILENO, kSentence, sizeof kSentence - 1));
}

// The second Ctrl-C ends the process, as if nobody had asked.
void TakeInterrupts() {
  struct sigaction action {};
  action.sa_handler = OnInterrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND | SA_RESTART);
  sigaction(SIGINT, &action, nullptr);
}

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) +
           static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

class Bench {
 public:
  Bench(const BenchPlan& plan, const InferSession& session)
      : plan_(plan), request_(session.request), clients_{session.client} {
    report_.model = plan.infer.model;
    report_.address = plan.infer.address;
    if (!plan.metrics.has_value()) {
      report_.no_server_cpu =
          "the server is elsewhere; name its HTTP with --metrics";
    }
  }

  // Fails on what no client can be made of alone.
  absl::StatusOr<BenchReport> Run() {
    for (const int concurrency : plan_.concurrency) {
      if (is_interrupted) break;
      if (absl::Status status = Connect(concurrency); !status.ok()) {
        return status;
      }
      Load({.concurrency = concurrency,
            .time = plan_.warm_up,
            .requests_max = kBenchRequestsMax});
      if (!is_interrupted) RunLevel(concurrency);
    }
    report_.is_interrupted = is_interrupted;
    return report_;
  }

 private:
  absl::Status Connect(int concurrency) {
    const size_t wanted =
        (concurrency + kRequestsPerConnection - 1) / kRequestsPerConnection;
    while (clients_.size() < wanted) {
      absl::StatusOr<Client> client =
          Client::Connect(plan_.infer.address, InferOptions(plan_.infer));
      if (!client.ok()) return client.status();
      clients_.push_back(*std::move(client));
    }
    return absl::OkStatus();
  }

  LoadResult Load(const LoadOptions& options) {
    return RunLoad(options, clock_, is_interrupted,
                   [this](int lane, const LoadDone& done) {
                     clients_[lane / kRequestsPerConnection].InferAsync(
                         request_,
                         [done](const auto& result) { done(result.status()); });
                   });
  }

  void RunLevel(int concurrency) {
    const std::optional<double> server_before = ServerCpuSeconds();
    const double client_before = OwnCpuSeconds();
    LoadOptions options{.concurrency = concurrency,
                        .time = plan_.time,
                        .requests_max = kBenchRequestsMax};
    if (plan_.requests.has_value()) {
      options.time = Duration::max();
      options.requests_max = *plan_.requests;
    }
    LoadResult result = Load(options);
    BenchLevel level{.concurrency = concurrency,
                     .elapsed = result.elapsed,
                     .latency = Summarize(std::move(result.latencies)),
                     .counts = std::move(result.counts),
                     .messages = std::move(result.messages)};
    level.client_cpu_seconds = OwnCpuSeconds() - client_before;
    const std::optional<double> server_after = ServerCpuSeconds();
    if (server_before.has_value() && server_after.has_value()) {
      level.server_cpu_seconds = *server_after - *server_before;
    }
    report_.levels.push_back(std::move(level));
  }

  // Nothing, and why not in the report, where it cannot be had.
  std::optional<double> ServerCpuSeconds() {
    if (!plan_.metrics.has_value()) return std::nullopt;
    const absl::StatusOr<double> seconds = ReadCpuSeconds(*plan_.metrics);
    if (seconds.ok()) return *seconds;
    report_.no_server_cpu = absl::StrCat(
        "http://", *plan_.metrics, "/metrics: ", seconds.status().message());
    return std::nullopt;
  }

  const BenchPlan& plan_;
  const InferRequest& request_;
  const RealClock clock_;
  std::vector<Client> clients_;
  BenchReport report_;
};

bool HasAnswers(const BenchReport& report) {
  for (const BenchLevel& level : report.levels) {
    if (level.num_ok() == 0) return false;
  }
  return true;
}

ExitCode RunBench(const BenchArguments& arguments) {
  const absl::StatusOr<BenchPlan> plan = PlanBench(arguments);
  if (!plan.ok()) return Refuse(plan.status());
  const bool json = arguments.infer.json;
  ExitCode code = kExitOk;
  const absl::StatusOr<InferSession> session =
      InferSession::Open(plan->infer, json, code);
  if (!session.ok()) return code;
  // What cannot be asked once need not be asked a million times.
  const absl::StatusOr<InferResult> first =
      session->client.Infer(session->request);
  if (!first.ok()) {
    return TellFailure(first.status(), session->client, plan->infer, json);
  }
  TakeInterrupts();
  const absl::StatusOr<BenchReport> report = Bench(*plan, *session).Run();
  if (!report.ok()) return Refuse(report.status());
  const std::string text = json ? BenchJson(*report) : BenchText(*report);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return HasAnswers(*report) ? kExitOk : kExitFailed;
}

}  // namespace

void AddBenchVerb(CLI::App& app, ExitCode& code) {
  CLI::App* verb = app.add_subcommand(
      "bench", "Ask a server's model again and again, and tell how quickly");
  // Lives as long as the verb's callback, which alone reads it.
  const auto arguments = std::make_shared<BenchArguments>();
  AddInferOptions(*verb, arguments->infer);
  verb->add_option("--concurrency", arguments->concurrency,
                   "How many requests at once, level after level (1,4,16)");
  verb->add_option("--time", arguments->time, "How long a level takes (5s)");
  verb->add_option("--requests", arguments->requests,
                   "How many requests end a level, instead of --time");
  verb->add_option("--warm-up", arguments->warm_up,
                   "How long to ask before it counts (1s)");
  verb->add_option("--metrics", arguments->metrics,
                   "HOST:PORT of the server's HTTP, for its CPU time "
                   "(localhost:8002 for a server on this machine)");
  verb->callback([arguments, &code] { code = RunBench(*arguments); });
}

}  // namespace weir
