#include "backend/self_test.h"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "backend/self_test_crew.h"
#include "backend/self_test_difference.h"
#include "backend/self_test_inputs.h"
#include "backend/slot_pool.h"
#include "config/status_macros.h"
#include "sync/check.h"
#include "sync/mutex.h"

namespace weir {
namespace {

using Kind = SelfTestFactKind;

// A model on the device.
struct Subject {
  std::string name;
  int runs_max = 0;  // at once; 0 is any number
  std::unique_ptr<Model> model;
};

// One thing to run, and the answer when nothing else runs.
struct Job {
  size_t subject = 0;
  std::vector<NamedTensor> inputs = {};
  int64_t rows = 0;
  Outputs alone = {};
};

// What went wrong first while several ran.
class FirstWrong {
 public:
  void Add(const Subject& subject, const std::string& what) {
    MutexLock lock(mutex_);
    if (fact_.has_value()) return;
    fact_ = {.kind = Kind::kWrong, .name = subject.name, .text = what};
  }
  std::optional<SelfTestFact> Take() {
    MutexLock lock(mutex_);
    return std::exchange(fact_, std::nullopt);
  }

 private:
  Mutex mutex_;
  std::optional<SelfTestFact> fact_ ABSL_GUARDED_BY(mutex_);
};

int LowerOf(int a, int b) {
  if (a == 0 || b == 0) return std::max(a, b);
  return std::min(a, b);
}

class SelfTest {
 public:
  SelfTest(Backend& backend, const SelfTestOptions& options, Clock& clock,
           SelfTestReport report)
      : backend_(backend), options_(options), clock_(clock), report_(report) {}

  void Run() {
    const absl::Status status = TryRun();
    if (!status.ok()) {
      report_({.kind = Kind::kError, .text = std::string(status.message())});
    }
    report_({.kind = Kind::kFreeing});
    FreeAll();
    report_({.kind = Kind::kEnd});
  }

 private:
  absl::Status TryRun() {
    WEIR_RETURN_IF_ERROR(Probe());
    for (const ModelSource& source : options_.models) {
      WEIR_RETURN_IF_ERROR(Prepare(source));
    }
    if (jobs_.empty()) return absl::OkStatus();
    for (const int slots : SelfTestSteps(pool_->num_slots())) {
      if (!RunTogether(slots)) break;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<DeviceInfo> Device() const {
    const std::vector<DeviceInfo> devices = backend_.Devices();
    for (const DeviceInfo& info : devices) {
      if (MeansDevice(options_.device, info.name)) {
        return info;
      }
    }
    std::string names;
    for (const DeviceInfo& info : devices) {
      absl::StrAppend(&names, names.empty() ? "" : ", ", info.name);
    }
    return absl::NotFoundError(absl::StrCat("no such device: ", options_.device,
                                            "; the backend has: ", names));
  }

  absl::Status Probe() {
    WEIR_ASSIGN_OR_RETURN(const DeviceInfo info, Device());
    const int slots = options_.slots.value_or(info.slots_default);
    report_({.kind = Kind::kDevice, .slots = slots, .name = info.name});
    report_({.kind = Kind::kProbing});
    WEIR_ASSIGN_OR_RETURN(Probed probed,
                          backend_.Probe(info.name, slots, [&](int num_found) {
                            report_({.kind = Kind::kFound, .slots = num_found});
                          }));
    // Those past the bound are lost.
    if (probed.warnings.size() > kSelfTestWarningsMax) {
      probed.warnings.resize(kSelfTestWarningsMax);
    }
    for (const std::string& warning : probed.warnings) {
      report_({.kind = Kind::kWarning, .text = warning});
    }
    if (probed.slots.empty()) {
      return absl::UnavailableError("the probe found no slot");
    }
    report_({.kind = Kind::kProbed,
             .slots = static_cast<int>(probed.slots.size())});
    pool_.emplace(info.name, std::move(probed.slots), clock_, nullptr);
    return absl::OkStatus();
  }

  // Loads a model and runs it alone. An error: one slot does not work.
  absl::Status Prepare(const ModelSource& source) {
    report_({.kind = Kind::kLoading, .name = source.name});
    absl::Status status = Load(source);
    if (status.ok()) {
      report_({.kind = Kind::kAlone, .name = source.name});
      const size_t num_jobs = jobs_.size();
      status = RunAlone(source);
      if (!status.ok()) jobs_.resize(num_jobs);
    }
    if (faulted_) return status;
    if (status.ok()) {
      report_({.kind = Kind::kTested, .name = source.name});
    } else {
      report_({.kind = Kind::kUntested,
               .name = source.name,
               .text = std::string(status.message())});
    }
    return absl::OkStatus();
  }

  absl::Status Load(const ModelSource& source) {
    WEIR_ASSIGN_OR_RETURN(const std::unique_ptr<ModelFile> file,
                          backend_.Read(source));
    WEIR_ASSIGN_OR_RETURN(SlotLease lease, pool_->Acquire(0, kNever));
    WEIR_ASSIGN_OR_RETURN(std::unique_ptr<Model> model,
                          backend_.Load(lease, *file));
    const int runs_max = LowerOf(model->signature().runs_max,
                                 source.config.runs_max.value_or(0));
    subjects_.push_back({source.name, runs_max, std::move(model)});
    return absl::OkStatus();
  }

  // Adds a job for each number of rows.
  absl::Status RunAlone(const ModelSource& source) {
    const ModelSignature& signature = subjects_.back().model->signature();
    if (signature.stateful) {
      return absl::InvalidArgumentError("it keeps state between runs");
    }
    for (const int64_t rows : SelfTestRows(source.config)) {
      Job job{.subject = subjects_.size() - 1, .rows = rows};
      WEIR_ASSIGN_OR_RETURN(job.inputs,
                            MakeSelfTestInputs(signature, rows, options_.seed));
      // The first run may choose its kernels by trial: its answer is not kept.
      WEIR_RETURN_IF_ERROR(RunAloneOnce(job).status());
      WEIR_ASSIGN_OR_RETURN(job.alone, RunAloneOnce(job));
      WEIR_ASSIGN_OR_RETURN(const Outputs again, RunAloneOnce(job));
      const auto difference = DescribeDifference(job.alone, again);
      if (difference.has_value()) {
        return absl::InvalidArgumentError(absl::StrCat(
            "it answers otherwise each time it runs alone: ", *difference));
      }
      jobs_.push_back(std::move(job));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Outputs> RunAloneOnce(const Job& job) {
    RunResult result = RunOn(/*hint=*/0, job);
    if (result.fault.has_value()) {
      faulted_ = true;
      return absl::UnavailableError(
          absl::StrCat("model \"", subjects_[job.subject].name,
                       "\" broke the slot that it ran on alone"));
    }
    if (result.outputs.ok() && !IsReadable(*result.outputs)) {
      return absl::InvalidArgumentError(
          "its answers lie in the device's memory");
    }
    return std::move(result.outputs);
  }

  RunResult RunOn(int hint, const Job& job) {
    absl::StatusOr<SlotLease> lease = pool_->Acquire(hint, kNever);
    WEIR_CHECK(lease.ok(), "no more runs than slots, and none is retired");
    const BatchInputs inputs{{absl::MakeConstSpan(job.inputs)}, job.rows};
    RunResult result = subjects_[job.subject].model->Run(*lease, inputs, {});
    lease->Release(result.stats);
    return result;
  }

  // False where something was wrong.
  bool RunTogether(int slots) {
    report_({.kind = Kind::kTogether, .slots = slots});
    SelfTestCrew crew(slots);
    FirstWrong wrong;
    for (int round = 0; round < options_.rounds; ++round) {
      const std::vector<const Job*> plan = Plan(slots, round);
      crew.RunTogether([&](int member) {
        const Job* job = plan[static_cast<size_t>(member)];
        if (job != nullptr) RunBeside(member, *job, wrong);
      });
      if (std::optional<SelfTestFact> fact = wrong.Take()) {
        fact->slots = slots;
        report_(*fact);
        return false;
      }
      report_({.kind = Kind::kRound, .slots = slots});
    }
    report_({.kind = Kind::kClean, .slots = slots});
    return true;
  }

  void RunBeside(int member, const Job& job, FirstWrong& wrong) {
    const RunResult result = RunOn(member, job);
    const Subject& subject = subjects_[job.subject];
    if (result.fault.has_value()) {
      faulted_ = true;
      wrong.Add(subject, *result.fault == Fault::kDevice ? "lost the device"
                                                         : "broke its slot");
    } else if (!result.outputs.ok()) {
      wrong.Add(subject,
                absl::StrCat("failed: ",
                             std::string(result.outputs.status().message())));
    } else if (const auto difference =
                   DescribeDifference(job.alone, *result.outputs)) {
      wrong.Add(subject,
                absl::StrCat("answered otherwise than alone: ", *difference));
    }
  }

  // What each member runs in a round: nothing where all models that could run
  // are at the bound of their own.
  std::vector<const Job*> Plan(int slots, int round) const {
    std::vector<const Job*> plan(static_cast<size_t>(slots), nullptr);
    std::vector<int> num_runs(subjects_.size(), 0);
    const size_t first = static_cast<size_t>(round) / 2;
    for (size_t member = 0; member < plan.size(); ++member) {
      const size_t wanted = round % 2 == 0 ? first : first + member;
      for (size_t i = 0; i < jobs_.size() && plan[member] == nullptr; ++i) {
        const Job& job = jobs_[(wanted + i) % jobs_.size()];
        const int runs_max = subjects_[job.subject].runs_max;
        if (runs_max > 0 && num_runs[job.subject] >= runs_max) continue;
        ++num_runs[job.subject];
        plan[member] = &job;
      }
    }
    return plan;
  }

  void FreeAll() {
    for (Subject& subject : subjects_) {
      if (faulted_) break;  // of a lost device models are dropped
      absl::StatusOr<SlotLease> lease = pool_->Acquire(0, kNever);
      WEIR_CHECK(lease.ok(), "all runs have returned, and none is retired");
      subject.model->Free(*lease);
    }
    jobs_.clear();
    subjects_.clear();
  }

  Backend& backend_;
  const SelfTestOptions& options_;
  Clock& clock_;
  const SelfTestReport report_;
  std::optional<SlotPool> pool_;
  std::vector<Subject> subjects_;
  std::vector<Job> jobs_;
  // A run broke its slot or the device. Ordered by the crew's own lock.
  std::atomic<bool> faulted_ = false;
};

}  // namespace

void RunSelfTest(Backend& backend, const SelfTestOptions& options, Clock& clock,
                 SelfTestReport report) {
  WEIR_CHECK(options.rounds >= 1 && options.rounds <= kSelfTestRoundsMax &&
                 options.models.size() <= kSelfTestModelsMax,
             "a self-test is bounded");
  SelfTest(backend, options, clock, report).Run();
}

std::vector<int> SelfTestSteps(int slots_max) {
  std::vector<int> steps;
  for (int power = 2; power <= slots_max; power *= 2) {
    steps.push_back(power);
    if (power + power / 2 <= slots_max) steps.push_back(power + power / 2);
  }
  if (slots_max >= 2 && steps.back() != slots_max) steps.push_back(slots_max);
  return steps;
}

}  // namespace weir
