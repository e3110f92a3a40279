#include "cli/infer.h"

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "cli/infer_session.h"
#include "cli/infer_text.h"
#include "sync/clock.h"

namespace weir {
namespace {

ExitCode Infer(const InferArguments& arguments) {
  const absl::StatusOr<InferPlan> plan = PlanInfer(arguments);
  if (!plan.ok()) return Refuse(plan.status());
  ExitCode code = kExitOk;
  const absl::StatusOr<InferSession> session =
      InferSession::Open(*plan, arguments.json, code);
  if (!session.ok()) return code;
  const RealClock clock;
  const TimePoint begin = clock.Now();
  const absl::StatusOr<InferResult> result =
      session->client.Infer(session->request);
  const Duration took = clock.Now() - begin;
  if (!result.ok()) {
    return TellFailure(result.status(), session->client, *plan, arguments.json);
  }
  const std::string text =
      arguments.json ? InferJson(*result, took) : InferText(*result, took);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return kExitOk;
}

}  // namespace

void AddInferOptions(CLI::App& verb, InferArguments& arguments) {
  verb.add_option("model", arguments.model, "The model's name")->required();
  verb.add_option("--input", arguments.inputs,
                  "NAME=random:2,256, NAME=FILE.npy, or NAME=[[1, 2], [3, 4]]; "
                  "may be repeated. One that is left out is filled at random")
      ->allow_extra_args(false);
  verb.add_option("--output", arguments.outputs,
                  "An output that is wanted; may be repeated. None: all")
      ->allow_extra_args(false);
  verb.add_option("--model-version", arguments.version,
                  "The model's version; the newest if it is not given");
  verb.add_option("--address", arguments.address,
                  "HOST:PORT or unix:PATH (localhost:8001)");
  verb.add_option("--timeout", arguments.timeout,
                  "The longest that a call may take (10s)");
  verb.add_flag("--json", arguments.json, "Print one JSON object");
}

void AddInferVerb(CLI::App& app, ExitCode& code) {
  CLI::App* verb =
      app.add_subcommand("infer", "Ask a server's model once, and print it");
  // Lives as long as the verb's callback, which alone reads it.
  const auto arguments = std::make_shared<InferArguments>();
  AddInferOptions(*verb, *arguments);
  verb->callback([arguments, &code] { code = Infer(*arguments); });
}

}  // namespace weir
