#include "cli/demo.h"

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "backend/module_path.h"
#include "cli/daemon.h"
#include "cli/infer_plan.h"
#include "cli/infer_session.h"
#include "cli/infer_text.h"
#include "cli/serve.h"
#include "cli/serve_plan.h"

namespace weir {
namespace {

constexpr char kModel[] = "mlp";

// What the slots did, out of all that /metrics shows.
std::string SlotLines(const std::string& metrics) {
  std::string lines;
  for (const absl::string_view line : absl::StrSplit(metrics, '\n')) {
    if (absl::StartsWith(line, "weir_slot_")) {
      absl::StrAppend(&lines, "  ", line, "\n");
    }
  }
  return lines;
}

// Arguments only where they are not the defaults.
std::string AddressArgument(const std::string& address) {
  if (absl::EndsWith(address, ":8001")) return "";
  return absl::StrCat(" --address ", address);
}

// The same inference, as a Python program says it.
std::string PythonText(const std::string& address, const InferTensor& input,
                       const std::string& output) {
  return absl::StrCat(
      "  import numpy, weir_client\n"
      "  client = weir_client.Client(\"",
      address, "\")\n  x = numpy.ones((", absl::StrJoin(input.shape, ", "),
      "), numpy.float32)\n  print(client.infer(\"", kModel, "\", {\"",
      input.name, "\": x})[\"", output, "\"])\n");
}

std::string NextText(const std::string& grpc, const std::string& http,
                     const std::string& python) {
  std::string text = absl::StrCat(
      "\nWhat to type next, in another terminal:\n\n  weir infer ", kModel,
      AddressArgument(grpc),
      "\n\nor in Python, with clients/python on its path:\n\n", python);
  if (!http.empty()) {
    absl::StrAppend(&text, "\nWhat it does, in a browser:\n\n  http://", http,
                    "/status\n");
  }
  return text;
}

ExitCode Show(Server& server, bool once) {
  const std::string grpc = server.grpc_addresses()[0];
  std::printf("%s\n\n", server.ReadyLine().c_str());
  const InferPlan plan = {.model = kModel, .address = grpc};
  ExitCode code = kExitOk;
  const absl::StatusOr<InferSession> session =
      InferSession::Open(plan, /*json=*/false, code);
  if (!session.ok()) return code;
  const auto began = std::chrono::steady_clock::now();
  const absl::StatusOr<InferResult> result =
      session->client.Infer(session->request);
  const Duration took = std::chrono::steady_clock::now() - began;
  if (!result.ok()) {
    return TellFailure(result.status(), session->client, plan, false);
  }
  std::printf("One inference of the model %s:\n\n%s\n", kModel,
              InferText(*result, took).c_str());
  std::printf("What the slots did (of /metrics):\n\n%s",
              SlotLines(server.Metrics()).c_str());
  if (once) {
    server.Stop();
  } else {
    const std::vector<std::string> http = server.http_addresses();
    std::printf("%s\nServing until Ctrl-C.\n",
                NextText(grpc, http.empty() ? "" : http[0],
                         PythonText(grpc, session->request.inputs[0],
                                    result->outputs[0].name))
                    .c_str());
  }
  std::fflush(stdout);
  return kExitOk;
}

ExitCode Demo(const ServeArguments& arguments, bool once) {
  const absl::StatusOr<std::string> program = ProgramPath();
  if (!program.ok()) return Refuse(program.status());
  const absl::StatusOr<ServePlan> plan =
      PlanServe(arguments, FolderOf(*program));
  if (!plan.ok()) return Refuse(plan.status());
  return RunDaemon(*plan, *program,
                   [once](Server& server) { return Show(server, once); });
}

}  // namespace

void AddDemoVerb(CLI::App& app, ExitCode& code) {
  CLI::App* verb = app.add_subcommand(
      "demo", "Serve the demo models, and show one inference");
  // Live as long as the verb's callback, which alone reads them.
  const auto arguments = std::make_shared<ServeArguments>();
  const auto once = std::make_shared<bool>(false);
  verb->add_option(
      "--models", arguments->models,
      "The folder of the demo models, instead of models.directory");
  AddDaemonOptions(*verb, *arguments);
  verb->add_flag("--once", *once, "End after the inference");
  verb->callback([arguments, once, &code] { code = Demo(*arguments, *once); });
}

}  // namespace weir
