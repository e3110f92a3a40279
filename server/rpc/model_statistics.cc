#include "server/rpc/model_statistics.h"

#include <chrono>

#include "absl/strings/str_cat.h"

namespace weir {
namespace {

using inference::StatisticDuration;
using Total = VersionTotals::Total;

void Fill(const Total& total, StatisticDuration& duration) {
  duration.set_count(total.count);
  duration.set_ns(static_cast<uint64_t>(total.time.count()));
}

// Milliseconds since 1970 of what was `ago`: our clock knows no date.
uint64_t DateOf(Duration ago) {
  const auto date = std::chrono::system_clock::now().time_since_epoch() - ago;
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(date).count());
}

void FillRuns(const VersionTotals& totals,
              inference::ModelStatistics& statistics) {
  uint64_t num_runs = 0;
  for (const auto& [rows, runs] : totals.runs) {
    num_runs += runs.run.count;
    inference::InferBatchStatistics& batch = *statistics.add_batch_stats();
    batch.set_batch_size(static_cast<uint64_t>(rows));
    Fill(runs.gather, *batch.mutable_compute_input());
    Fill(runs.run, *batch.mutable_compute_infer());
  }
  statistics.set_execution_count(num_runs);
}

}  // namespace

void FillStatistics(const ModelVersion& model, TimePoint now,
                    inference::ModelStatistics& statistics) {
  const VersionTotals totals = model.statistics().Read();
  statistics.set_name(model.name());
  statistics.set_version(absl::StrCat(model.version()));
  statistics.set_inference_count(totals.rows);
  if (totals.answered.count > 0) {
    statistics.set_last_inference(DateOf(now - totals.last_answered));
  }
  inference::InferStatistics& requests = *statistics.mutable_inference_stats();
  Fill(totals.answered, *requests.mutable_success());
  Fill(totals.failed, *requests.mutable_fail());
  Fill(totals.queue, *requests.mutable_queue());
  Fill(totals.gather, *requests.mutable_compute_input());
  Fill(totals.run, *requests.mutable_compute_infer());
  Fill(totals.encode, *requests.mutable_compute_output());
  FillRuns(totals, statistics);
}

}  // namespace weir
