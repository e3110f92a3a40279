#include "cli/doctor_findings.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "config/listen_address.h"
#include "server/listen/bound_socket.h"
#include "server/listen/port_holder.h"

namespace weir {
namespace {

std::string Slots(int count) {
  return absl::StrCat(count, count == 1 ? " slot" : " slots");
}

Finding ProbeFinding(const SelfTestVerdict& verdict) {
  Finding finding{.subject = verdict.device,
                  .what = Slots(verdict.slots_probed)};
  if (verdict.slots_probed >= verdict.slots_asked) return finding;
  finding.level = FindingLevel::kWarning;
  absl::StrAppend(&finding.what, " of ", verdict.slots_asked,
                  " asked for: ", verdict.cause);
  finding.advice = absl::StrCat("set devices[].slots of ", verdict.device,
                                " to ", verdict.slots_probed);
  return finding;
}

Finding RunsFinding(const SelfTestVerdict& verdict) {
  Finding finding{.subject = absl::StrCat(verdict.device, " runs")};
  if (verdict.tested.empty()) {
    finding.level = FindingLevel::kWarning;
    finding.what = "no model was run";
    finding.advice =
        "give a folder with a model that declares its inputs: --models DIR";
    return finding;
  }
  const std::string models = absl::StrJoin(verdict.tested, ", ");
  if (verdict.keeps_slots()) {
    finding.what = absl::StrCat(models, " answered alike alone and on ",
                                Slots(verdict.slots), " at once");
    return finding;
  }
  finding.level = FindingLevel::kProblem;
  finding.what = absl::StrJoin(verdict.evidence, "; ");
  finding.advice = absl::StrCat("set devices[].slots of ", verdict.device,
                                " to 1; `weir selftest` tells more");
  return finding;
}

Finding PortFinding(const ListenAddress::Binding& binding) {
  Finding finding{.subject = binding.Text(), .what = "free"};
  const std::optional<PortHolder> holder = HolderOf(binding);
  if (!holder.has_value()) return finding;
  finding.what = absl::StrCat(holder->Text(), " listens there");
  const bool is_weir = holder->program == "weir";
  finding.level = is_weir ? FindingLevel::kWarning : FindingLevel::kProblem;
  finding.advice = is_weir ? "well, if that is the service; `weir serve` could "
                             "not be started beside it"
                           : "end it, or choose another address (listen.grpc "
                             "and listen.http)";
  return finding;
}

// Who holds it may be another user's, of which only an attempt tells.
Finding AttemptFinding(const std::string& text, const absl::Status& status) {
  Finding finding{.subject = text, .what = "free"};
  if (status.ok()) return finding;
  finding.level = FindingLevel::kProblem;
  finding.what = std::string(status.message());
  finding.advice = "run weir doctor as root to learn who listens there";
  if (!absl::IsUnavailable(status)) finding.advice = "choose another address";
  return finding;
}

void AddPort(const std::string& text, std::vector<Finding>& findings) {
  const absl::StatusOr<ListenAddress> address = ListenAddress::Parse(text);
  if (!address.ok()) return;  // the configuration's problem
  bool is_held = false;
  for (const ListenAddress::Binding& binding : address->bindings()) {
    if (binding.family() != AF_UNIX && binding.port() == 0) continue;
    const Finding finding = PortFinding(binding);
    is_held |= finding.level != FindingLevel::kOk;
    if (finding.level != FindingLevel::kOk) findings.push_back(finding);
  }
  if (is_held) return;
  // A unix socket's attempt would take the name of a dead server's over.
  const absl::Status status = address->path().empty()
                                  ? BindAll({&*address, 1}).status()
                                  : absl::OkStatus();
  findings.push_back(AttemptFinding(text, status));
}

}  // namespace

std::vector<Finding> StatusFindings(const std::string& subject,
                                    const absl::Status& status,
                                    const std::string& what) {
  if (status.ok()) return {{.subject = subject, .what = what}};
  std::vector<Finding> findings;
  for (const absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    findings.push_back({.level = FindingLevel::kProblem,
                        .subject = subject,
                        .what = std::string(line)});
  }
  return findings;
}

std::vector<Finding> DeviceFindings(
    const std::string& device, const absl::StatusOr<SelfTestVerdict>& verdict) {
  if (!verdict.ok()) {
    return {{.level = FindingLevel::kProblem,
             .subject = device,
             .what = std::string(verdict.status().message()),
             .advice = absl::StrCat("`weir selftest --device ", device,
                                    "` tries it alone; devices[].device and "
                                    "backend.module choose another")}};
  }
  std::vector<Finding> findings;
  for (const std::string& library : verdict->libraries) {
    findings.push_back({.subject = "backend", .what = library});
  }
  findings.push_back(ProbeFinding(*verdict));
  findings.push_back(RunsFinding(*verdict));
  for (const SelfTestUntested& model : verdict->untested) {
    findings.push_back(
        {.level = FindingLevel::kWarning,
         .subject = absl::StrCat(verdict->device, " runs"),
         .what = absl::StrCat(model.model, " was not run: ", model.why)});
  }
  return findings;
}

std::vector<Finding> PortFindings(const ListenConfig& listen) {
  std::vector<Finding> findings;
  for (const auto* texts : {&listen.grpc, &listen.http}) {
    for (const std::string& text : *texts) AddPort(text, findings);
  }
  return findings;
}

std::vector<Finding> EnvironmentFindings(
    const std::vector<std::string>& warnings,
    const std::vector<std::string>& weir_names) {
  std::vector<Finding> findings;
  for (const std::string& warning : warnings) {
    findings.push_back({.level = FindingLevel::kWarning,
                        .subject = "environment",
                        .what = warning,
                        .advice = "unset it, unless it is meant"});
  }
  if (!weir_names.empty()) {
    findings.push_back({.subject = "environment",
                        .what = absl::StrCat("set, and above the file: ",
                                             absl::StrJoin(weir_names, ", "))});
  }
  if (findings.empty()) {
    findings.push_back(
        {.subject = "environment", .what = "nothing that changes libraries"});
  }
  return findings;
}

}  // namespace weir
