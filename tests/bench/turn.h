// Turn: one request's way through a SchedulerState, single-threaded: submitted,
// sought, taken, finished, answered.
//
//   Turns turns(/*num_models=*/16);
//   turns.Take();      // one request of the next model
//
// Thread-safety: one thread.
// Ownership: owns the state and its requests.
// Failure: dies where a request is not answered at once.
#ifndef WEIR_TESTS_BENCH_TURN_H_
#define WEIR_TESTS_BENCH_TURN_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/pipeline/scheduler_state.h"
#include "sync/check.h"

namespace weir {

class Turns {
 public:
  // Every model has a few requests waiting all the time, so that the scheduler
  // always has as many models to choose from.
  explicit Turns(int num_models) : num_models_(num_models) {
    device_ = state_.AddDevice("cpu", 1);
    worker_ = state_.AddWorker(device_);
    for (int i = 0; i < num_models; ++i) {
      VersionSpec spec;
      spec.id = static_cast<VersionId>(i) + 1;
      spec.model = absl::StrCat("model", i);
      spec.devices = {device_};
      spec.bytes_max = int64_t{1} << 40;
      state_.AddVersion(spec, now_);
      for (int waiting = 0; waiting < 4; ++waiting) Submit(i);
    }
  }
  ~Turns() { SendAll(state_.Close(now_)); }

  void Take() {
    now_ += std::chrono::microseconds(10);
    WEIR_CHECK(state_.Seek(worker_, now_), "there is work");
    TakenBatch taken = state_.TakeBatch(worker_, ++lease_, now_);
    const RunOutcome outcome{std::chrono::microseconds(10), false};
    std::optional<EndedRun> ended = state_.Finished(taken.run, outcome, now_);
    WEIR_CHECK(ended.has_value(), "nobody claimed it");
    for (Completion& completion : ended->completions) {
      std::move(completion)
          .Finish(Refuse(absl::CancelledError(), Refusal::kNone));
    }
    static_cast<void>(state_.TakeWakes());
    Submit(next_model_);
    next_model_ = (next_model_ + 1) % num_models_;
  }

 private:
  void Submit(int model) {
    auto request = std::make_unique<Request>(
        Completion(ledger_, [this](const Answer&) { ++num_answered_; }));
    request->ticket = ++ticket_;
    const auto refused =
        state_.Submit(request, static_cast<VersionId>(model) + 1, now_);
    WEIR_CHECK(!refused.has_value(), "the queue has room");
  }

  const int num_models_;
  AnswerLedger ledger_;
  SchedulerState state_{1 << 20};
  DeviceIndex device_ = 0;
  WorkerId worker_ = 0;
  TimePoint now_{std::chrono::hours(1)};
  LeaseTicket lease_ = 0;
  Ticket ticket_ = 0;
  int next_model_ = 0;
  int64_t num_answered_ = 0;
};

}  // namespace weir

#endif  // WEIR_TESTS_BENCH_TURN_H_
