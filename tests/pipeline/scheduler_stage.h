// SchedulerStage: a SchedulerState with a time of its own, and short ways to
// play a scene on it.
//
//   SchedulerStage stage;
//   const DeviceIndex cpu = stage.AddDevice(/*num_slots=*/1,
//   /*num_workers=*/1); stage.AddVersion({.id = 1, .model = "m", .devices =
//   {cpu}}); const Ticket ticket = stage.Submit({.version = 1}); TakenBatch
//   batch = stage.Take(/*worker=*/0); stage.Finish(batch);
//   EXPECT_EQ(stage.log.code(ticket), absl::StatusCode::kOk);
//
// Thread-safety: none.
// Ownership: answers what it takes out at once, as Scheduler's callers do.
// Failure: none.
#ifndef WEIR_TESTS_PIPELINE_SCHEDULER_STAGE_H_
#define WEIR_TESTS_PIPELINE_SCHEDULER_STAGE_H_

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/pipeline/scheduler_state.h"
#include "tests/pipeline/answer_log.h"

namespace weir {

// What a test says of a request; times count from now.
struct Ask {
  VersionId version = 1;
  int64_t rows = 1;
  std::string key = {};
  int priority = kPriorityDefault;
  Duration deadline = Duration::max();
  int64_t bytes = 0;
  std::string exclusive_key = {};
};

class SchedulerStage {
 public:
  explicit SchedulerStage(int total_requests_max = 1000)
      : state(total_requests_max) {}

  DeviceIndex AddDevice(int num_slots, int num_workers) {
    const DeviceIndex device = state.AddDevice("fake", num_slots);
    for (int i = 0; i < num_workers; ++i) state.AddWorker(device);
    return device;
  }
  void AddVersion(VersionSpec spec) {
    if (spec.bytes_max == 0) spec.bytes_max = 1000;
    state.AddVersion(spec, now);
  }

  RequestPtr MakeRequest(const Ask& ask) {
    auto request = std::make_unique<Request>(log.MakeCompletion(++last_ticket));
    request->ticket = last_ticket;
    request->rows = ask.rows;
    request->batch_key = ask.key;
    request->priority = ask.priority;
    request->deadline = SaturatingAdd(now, ask.deadline);
    request->bytes = ask.bytes;
    request->exclusive_key = ask.exclusive_key;
    return request;
  }
  // A refused one is answered at once.
  Ticket Submit(const Ask& ask) {
    RequestPtr request = MakeRequest(ask);
    if (std::optional<Answer> why = state.Submit(request, ask.version, now)) {
      std::move(PendingAnswer(std::move(request), *std::move(why))).Send();
    }
    return last_ticket;
  }

  bool Seek(WorkerId worker) { return state.Seek(worker, now); }
  // Seeks and takes; the lease's ticket is the worker's number plus 1.
  TakenBatch Take(WorkerId worker) {
    if (!state.IsSeeking(worker)) state.Seek(worker, now);
    TakenBatch batch =
        state.TakeBatch(worker, static_cast<LeaseTicket>(worker) + 1, now);
    SendAll(std::exchange(batch.expired, {}));
    return batch;
  }
  // False: the run had been claimed.
  bool Finish(const TakenBatch& batch, const RunOutcome& outcome = {}) {
    std::optional<EndedRun> ended = state.Finished(batch.run, outcome, now);
    if (!ended.has_value()) return false;
    for (Completion& completion : ended->completions) {
      std::move(completion).Finish({Outputs{}, Refusal::kNone, {}, {}});
    }
    return true;
  }
  // Takes a batch, lets it run for `busy`, and finishes it.
  std::vector<Ticket> RunOne(WorkerId worker, Duration busy = {}) {
    const TakenBatch batch = Take(worker);
    if (batch.run == 0) return {};
    Advance(busy);
    Finish(batch, {.busy = busy});
    return TicketsOf(batch);
  }

  void Advance(Duration duration) { now += duration; }
  void Expire() { SendAll(state.Expire(now)); }
  void Cancel(Ticket ticket) {
    std::optional<PendingAnswer> answer = state.Cancel(ticket, now);
    if (answer.has_value()) std::move(*answer).Send();
  }
  std::vector<ClaimedRun> ClaimStuck() {
    StuckRuns stuck = state.ClaimStuck(now);
    SendAll(std::move(stuck.answers));
    return std::move(stuck.claimed);
  }
  void Tell(DeviceIndex device, uint64_t number, int in_service,
            bool lost = false) {
    SendAll(state.OnService(device, {number, in_service, lost}, now));
  }
  void Close() { SendAll(state.Close(now)); }

  static std::vector<Ticket> TicketsOf(const TakenBatch& batch) {
    std::vector<Ticket> tickets;
    for (const RequestPtr& request : batch.requests) {
      tickets.push_back(request->ticket);
    }
    return tickets;
  }

  AnswerLog log;
  SchedulerState state;
  TimePoint now = TimePoint(std::chrono::hours(1));
  Ticket last_ticket = 0;
};

}  // namespace weir

#endif  // WEIR_TESTS_PIPELINE_SCHEDULER_STAGE_H_
