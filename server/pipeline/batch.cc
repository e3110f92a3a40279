#include "server/pipeline/batch.h"

#include <algorithm>

#include "server/pipeline/model_version.h"
#include "server/pipeline/tensor_check.h"
#include "sync/check.h"

namespace weir {
namespace {

void Add(const RunStats& run, RunStats& total) {
  total.gather += run.gather;
  total.run += run.run;
  total.rows += run.rows;
  total.failed = run.failed;
}

const char* TextOf(Fault fault) {
  return fault == Fault::kDevice ? "the device was lost during the run"
                                 : "the slot failed during the run";
}

void Observe(const StageTimes& times, const VersionSeries& series) {
  series.queue_seconds->Observe(ToSeconds(times.queue));
  series.slot_wait_seconds->Observe(ToSeconds(times.slot_wait));
  series.gather_seconds->Observe(ToSeconds(times.gather));
  series.run_seconds->Observe(ToSeconds(times.run));
}

}  // namespace

RunResult Batch::RunRequests(SlotLease& lease, size_t first,
                             size_t count) const {
  BatchInputs inputs;
  RunContext context{kNever, stop_, requests_[first]->trace_id};
  TimePoint latest = TimePoint::min();
  for (size_t i = first; i < first + count; ++i) {
    inputs.requests.emplace_back(requests_[i]->inputs);
    inputs.rows += requests_[i]->rows;
    latest = std::max(latest, requests_[i]->deadline);
  }
  context.deadline = latest;
  const ModelVersion& model = *requests_[first]->model;
  RunResult result =
      model.On(lease.slot().device()).Run(lease, inputs, context);
  result.stats.rows = inputs.rows;
  if (result.outputs.ok()) {
    absl::Status sound =
        CheckOutputs(model, inputs.rows, count > 1, *result.outputs);
    if (!sound.ok()) result.outputs = std::move(sound);
  }
  result.stats.failed = !result.outputs.ok();
  if (!result.stats.failed) {
    model.statistics().CountRun(inputs.rows, result.stats);
  }
  return result;
}

BatchResult Batch::Run(SlotLease& lease, RunAgain run_again) {
  BatchResult result;
  RunResult run = RunRequests(lease, 0, requests_.size());
  Add(run.stats, result.stats);
  result.fault = run.fault;
  result.whole = std::move(run.outputs);
  const bool runs_singly = !result.whole.ok() && requests_.size() > 1 &&
                           !result.fault.has_value() &&
                           !requests_.front()->model->stateful();
  if (runs_singly) RunSingly(lease, run_again, result);
  return result;
}

void Batch::RunSingly(SlotLease& lease, RunAgain run_again,
                      BatchResult& result) const {
  for (size_t i = 0; i < requests_.size(); ++i) {
    const std::optional<TimePoint> now = run_again();
    if (!now.has_value()) return;  // claimed: there is nobody to answer
    if (requests_[i]->deadline <= *now) {
      result.singly.emplace_back(absl::DeadlineExceededError(
          "the deadline passed before the request could run again alone"));
      continue;
    }
    RunResult run = RunRequests(lease, i, 1);
    Add(run.stats, result.stats);
    if (run.fault.has_value()) {
      // Those before it have their own answers; the rest have nowhere to run.
      result.fault = run.fault;
      while (result.singly.size() < requests_.size()) {
        result.singly.emplace_back(absl::UnavailableError(TextOf(*run.fault)));
      }
      return;
    }
    result.singly.push_back(std::move(run.outputs));
  }
}

absl::StatusOr<Outputs> Batch::Part(BatchResult& result, size_t index,
                                    int64_t first_row) const {
  if (!result.singly.empty()) return std::move(result.singly[index]);
  if (!result.whole.ok()) {
    // A status of its own for each: see pending_answer.h.
    const absl::Status& why = result.whole.status();
    return absl::Status(why.code(), why.message());
  }
  if (requests_.size() == 1) return *std::move(result.whole);
  Outputs part;
  part.reserve(result.whole->size());
  for (const NamedTensor& output : *result.whole) {
    part.push_back(
        {output.name, output.tensor.Rows(first_row, requests_[index]->rows)});
  }
  return part;
}

void Batch::Complete(BatchResult result) {
  WEIR_CHECK(completions_.size() == requests_.size(),
             "a batch answers each of its requests");
  const ModelVersion& model = *requests_.front()->model;
  model.series().batch_rows->Observe(static_cast<double>(rows_));
  int64_t first_row = 0;
  for (size_t i = 0; i < requests_.size(); ++i) {
    Answer answer{Part(result, i, first_row), Refusal::kNone, std::nullopt,
                  times_[i], requests_[i]->rows};
    first_row += requests_[i]->rows;
    if (result.fault.has_value() && result.singly.empty() &&
        !answer.outputs.ok()) {
      answer.outputs = absl::UnavailableError(TextOf(*result.fault));
    }
    answer.times.gather = result.stats.gather;
    answer.times.run = result.stats.run;
    Observe(answer.times, model.series());
    std::move(completions_[i]).Finish(std::move(answer));
  }
}

}  // namespace weir
