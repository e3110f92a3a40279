// Batch: requests that run together, from being taken to being answered.
//
//   Batch batch = scheduler.TakeBatch(worker, *lease);
//   BatchResult result = batch.Run(*lease, [&] {
//     return scheduler.RunAgain(batch);
//   });
//   if (scheduler.Finished(batch, result)) batch.Complete(std::move(result));
//
// A batch of several that fails runs again one request at a time, once, so that
// one bad request cannot fail its mates. It does not where the slot or device
// is at fault, the model keeps state, or the watchdog has claimed the run.
//
// Thread-safety: one owner at a time.
// Ownership: holds its requests, and through them their messages and the model.
// Their completions lie with the scheduler until Finished hands them over, so
// one that was claimed has nothing to answer with.
// Failure: per request, as its answer.
#ifndef WEIR_SERVER_PIPELINE_BATCH_H_
#define WEIR_SERVER_PIPELINE_BATCH_H_

#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "backend/model.h"
#include "backend/slot_lease.h"
#include "server/pipeline/request.h"
#include "server/pipeline/run_table.h"
#include "sync/clock.h"

namespace weir {

struct BatchResult {
  // The outputs of all rows, or why there are none.
  absl::StatusOr<Outputs> whole = Outputs();
  // One for each request where the batch ran again one by one; else empty.
  std::vector<absl::StatusOr<Outputs>> singly;
  RunStats stats;  // of all runs together
  std::optional<Fault> fault;
};

class Batch {
 public:
  // Asked before each run of a single request: the time now, or nothing where
  // the watchdog has claimed the run.
  using RunAgain = absl::FunctionRef<std::optional<TimePoint>()>;

  Batch() = default;
  // `stop` lives until the run is finished.
  Batch(RunId run, std::vector<RequestPtr> requests, int64_t rows,
        const std::atomic<bool>* stop)
      : run_(run), requests_(std::move(requests)), rows_(rows), stop_(stop) {}

  bool empty() const { return requests_.empty(); }
  RunId run() const { return run_; }
  int64_t rows() const { return rows_; }
  const std::vector<RequestPtr>& requests() const { return requests_; }

  BatchResult Run(SlotLease& lease, RunAgain run_again);

  // Takes the completions of its requests, in their order.
  void TakeCompletions(std::vector<Completion> completions,
                       std::vector<StageTimes> times) {
    completions_ = std::move(completions);
    times_ = std::move(times);
  }

  // Splits the outputs and answers. REQUIRES: Finished said it is ours.
  void Complete(BatchResult result);

 private:
  RunResult RunRequests(SlotLease& lease, size_t first, size_t count) const;
  void RunSingly(SlotLease& lease, RunAgain run_again,
                 BatchResult& result) const;
  absl::StatusOr<Outputs> Part(BatchResult& result, size_t index,
                               int64_t first_row) const;

  RunId run_ = 0;
  std::vector<RequestPtr> requests_;
  int64_t rows_ = 0;
  const std::atomic<bool>* stop_ = nullptr;
  std::vector<Completion> completions_;
  std::vector<StageTimes> times_;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_BATCH_H_
