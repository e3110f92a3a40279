#include "cli/doctor.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "backend/module_environment.h"
#include "backend/module_path.h"
#include "backend/self_test_child.h"
#include "cli/doctor_findings.h"
#include "cli/finding.h"
#include "cli/selftest_command.h"
#include "cli/system_facts.h"
#include "cli/version.h"
#include "config/config_file.h"
#include "config/environment.h"
#include "server/model_directory.h"

namespace weir {
namespace {

// Enough to see that the device works, soon.
constexpr size_t kModelsRunMax = 4;
constexpr int kRounds = 2;
constexpr std::chrono::seconds kStepTimeMax{30};
constexpr std::chrono::minutes kTotalTimeMax{3};

// As written.
struct DoctorArguments {
  std::optional<std::string> config = std::nullopt;
  std::optional<std::string> models = std::nullopt;
  bool json = false;
};

class Doctor {
 public:
  explicit Doctor(const DoctorArguments& arguments) : arguments_(arguments) {}

  std::vector<Finding> Look() {
    Add({{.subject = "weir", .what = VersionLine()}});
    ReadConfig();
    Add(SystemFindings(ReadSystemFacts(), config_));
    LookAtEnvironment();
    if (is_config_right_) Add(PortFindings(config_.listen));
    ChooseModels();
    LookAtBackend();
    LookAtModels();
    return findings_;
  }

 private:
  void Add(const std::vector<Finding>& more) {
    findings_.insert(findings_.end(), more.begin(), more.end());
  }

  void ReadConfig() {
    const absl::StatusOr<Config> config =
        LoadConfig(arguments_.config, CaptureEnvironment());
    Add(StatusFindings(
        "configuration", config.status(),
        arguments_.config.value_or("no file: the defaults, WEIR_* variables")));
    is_config_right_ = config.ok();
    if (config.ok()) config_ = *config;
  }

  void LookAtEnvironment() {
    const absl::StatusOr<std::vector<std::string>> warnings =
        SetModuleEnvironment(config_.backend.environment);
    if (!warnings.ok()) {
      Add(StatusFindings("environment", warnings.status(), ""));
      return;
    }
    std::vector<std::string> names;
    for (const auto& [name, value] : CaptureEnvironment()) {
      names.push_back(name);
    }
    Add(EnvironmentFindings(*warnings, names));
  }

  // Until the backend was opened nobody knows whether it wants files.
  void ChooseModels() {
    models_folder_ = arguments_.models.value_or(config_.models.directory);
    models_ = ModelPaths(FindModels(models_folder_, {.needs_file = false}),
                         kModelsRunMax);
  }

  void LookAtModels() {
    if (!arguments_.models.has_value() &&
        access(models_folder_.c_str(), F_OK) != 0) {
      Add({{.level = FindingLevel::kWarning,
            .subject = "models",
            .what = absl::StrCat(models_folder_, ": no such folder"),
            .advice = "say where they are: --models DIR, models.directory"}});
      return;
    }
    const ModelDirectory found =
        FindModels(models_folder_, {.needs_file = needs_files_});
    for (const std::string& problem : found.problems) {
      Add(StatusFindings("models", absl::InvalidArgumentError(problem), ""));
    }
    if (found.problems.empty()) {
      Add({{.subject = "models",
            .what =
                absl::StrCat(found.models.size(), " in ", models_folder_)}});
    }
  }

  void LookAtBackend() {
    const absl::StatusOr<std::string> program = ProgramPath();
    const absl::StatusOr<std::string> module =
        program.ok()
            ? FindBackendModule(config_.backend.module, FolderOf(*program))
            : program.status();
    Add(StatusFindings("module", module.status(), module.value_or("")));
    if (!module.ok()) return;
    for (const DeviceConfig& device : config_.devices) {
      const absl::StatusOr<SelfTestVerdict> verdict =
          TryDevice(device, *program, *module);
      if (verdict.ok()) needs_files_ = verdict->needs_files;
      Add(DeviceFindings(device.device, verdict));
    }
  }

  absl::StatusOr<SelfTestVerdict> TryDevice(const DeviceConfig& device,
                                            const std::string& program,
                                            const std::string& module) const {
    SelfTestChildOptions options = ChildOptions(
        {.program = program,
         .module = module,
         .config_file = is_config_right_ ? arguments_.config : std::nullopt,
         .models = models_,
         .rounds = kRounds},
        device, config_);
    options.step_time_max = kStepTimeMax;
    options.total_time_max = kTotalTimeMax;
    return RunSelfTestChild(options);
  }

  const DoctorArguments& arguments_;
  // The defaults where it is wrong.
  Config config_;
  bool is_config_right_ = false;
  std::string models_folder_;
  std::vector<std::string> models_;  // to be run
  bool needs_files_ = false;         // as far as is known
  std::vector<Finding> findings_;
};

ExitCode Examine(const DoctorArguments& arguments) {
  const std::vector<Finding> findings = Doctor(arguments).Look();
  std::fputs((arguments.json ? FindingsJson(findings) : FindingsText(findings))
                 .c_str(),
             stdout);
  return HasProblem(findings) ? kExitFailed : kExitOk;
}

}  // namespace

void AddDoctorVerb(CLI::App& app, ExitCode& code) {
  CLI::App* verb = app.add_subcommand(
      "doctor", "Look for what is wrong here; for a report of a fault");
  // Lives as long as the verb's callback, which alone reads it.
  const auto arguments = std::make_shared<DoctorArguments>();
  verb->add_option("--config", arguments->config, "The configuration's file");
  verb->add_option("--models", arguments->models,
                   "The folder of models, instead of models.directory");
  verb->add_flag("--json", arguments->json, "Print one JSON object");
  verb->callback([arguments, &code] { code = Examine(*arguments); });
}

}  // namespace weir
