// Request: one inference request on its way from admission to its answer.
//
// Who owns it owns the duty to answer it. That is one place at any time:
//
//   edge -> Admission -> its queue (Scheduler) -> one taker -> Completion
//
// where the taker is the batch that runs it, or whoever took it out of its
// queue: expiry, cancel, the loss of a device, the watchdog, close. No two of
// them can take the same one, for all do so under the scheduler's mutex.
//
// Thread-safety: one owner at a time.
// Ownership: holds its message, its model and its completion.
// Failure: one that is dropped is answered by its completion's destructor.
#ifndef WEIR_SERVER_PIPELINE_REQUEST_H_
#define WEIR_SERVER_PIPELINE_REQUEST_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backend/tensor.h"
#include "server/pipeline/byte_budget.h"
#include "server/pipeline/completion.h"
#include "sync/clock.h"

namespace weir {

// Names a request for ever; never used twice. 0 is none.
using Ticket = uint64_t;

// A lower number runs first.
inline constexpr int kPriorityHighest = 1;
inline constexpr int kPriorityDefault = 5;
inline constexpr int kPriorityLowest = 9;

struct Request {
  explicit Request(Completion answer_by) : completion(std::move(answer_by)) {}

  // Said by the edge.
  Ticket ticket = 0;
  std::vector<NamedTensor> inputs;
  std::shared_ptr<MessageHolder> message;  // may be null: no bytes to count
  int64_t bytes = 0;
  TimePoint deadline = kNever;
  int priority = kPriorityDefault;
  // What else must be equal for two requests to run together.
  std::string parameters;
  // Requests of a version with the same key never run at once and run in their
  // order; a run that is stuck holds its key until it returns. Empty: no such
  // rule.
  std::string exclusive_key;
  std::string trace_id;

  // Found by admission.
  ModelHandle model;
  int64_t rows = 1;
  std::string batch_key;

  // Noted by the scheduler.
  TimePoint arrived;
  StageTimes times;

  Completion completion;
};

using RequestPtr = std::unique_ptr<Request>;

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_REQUEST_H_
