#include "tests/pipeline/simulator_race.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace weir {
namespace {

constexpr DeviceIndex kDevice = 0;
constexpr int kNumTurns = 300;

}  // namespace

SimulatedRace::SimulatedRace(uint64_t seed) : dice_(seed) {
  num_slots_ = dice_.Between(1, 8);
  state_.AddDevice("fake", num_slots_);
  for (int i = 0; i < num_slots_; ++i) {
    free_workers_.push_back(state_.AddWorker(kDevice));
  }
  const int num_runners = dice_.Between(2, 4);
  for (int i = 0; i < num_runners; ++i) AddRunner();
}

void SimulatedRace::AddRunner() {
  Runner runner;
  runner.version = runners_.size() + 1;
  runner.weight = dice_.OneOf({0.25, 0.5, 1.0, 1.0, 2.0, 8.0});
  runner.runs_max = dice_.OneIn(2) ? num_slots_ : dice_.Between(1, num_slots_);
  runner.comes_and_goes = dice_.OneIn(3);
  runner.usual_run = std::chrono::microseconds(dice_.Between(10, 20'000));
  runner.rare_run = runner.usual_run * dice_.OneOf({1, 1, 3, 20});
  state_.AddVersion({.id = runner.version,
                     .model = "m" + std::to_string(runner.version),
                     .devices = {kDevice},
                     .weight = runner.weight,
                     .runs_max = runner.runs_max,
                     .requests_max = 1'000'000},
                    now_);
  runners_.push_back(runner);
}

double SimulatedRace::Run() {
  for (int turn = 0; turn < kNumTurns; ++turn) {
    Arrive();
    TakeAll();
    if (!running_.empty()) FinishFirst();
    now_ += std::chrono::microseconds(dice_.Between(0, 10));
  }
  while (!running_.empty()) FinishFirst();
  return worst_;
}

// Keeps those busy that always have work; the others get a burst at times.
void SimulatedRace::Arrive() {
  for (Runner& runner : runners_) {
    if (runner.comes_and_goes) {
      if (!dice_.OneIn(30)) continue;
      for (int i = dice_.Between(1, 60); i > 0; --i) Submit(runner);
    } else {
      while (runner.num_queued <= num_slots_) Submit(runner);
    }
  }
}

void SimulatedRace::Submit(Runner& runner) {
  auto request =
      std::make_unique<Request>(Completion(ledger_, [](const Answer&) {}));
  request->ticket = runner_of_.size() + 1;
  runner_of_.push_back(static_cast<size_t>(&runner - runners_.data()));
  state_.Submit(request, runner.version, now_);
  state_.TakeWakes();
  ++runner.num_queued;
  NoteWhoMayRun();
}

Duration SimulatedRace::DrawBusy(Runner& runner) {
  if (dice_.OneIn(15)) runner.is_slow = !runner.is_slow;
  const Duration most = runner.is_slow ? runner.rare_run : runner.usual_run;
  return most * dice_.Between(1, 100) / 100;
}

void SimulatedRace::TakeAll() {
  while (!free_workers_.empty() && state_.Seek(free_workers_.back(), now_)) {
    const WorkerId worker = free_workers_.back();
    free_workers_.pop_back();
    const TakenBatch batch = state_.TakeBatch(worker, /*lease=*/1, now_);
    Runner& runner = runners_[runner_of_[batch.requests[0]->ticket - 1]];
    const Duration busy = DrawBusy(runner);
    runner.max_run_seconds = std::max(runner.max_run_seconds, ToSeconds(busy));
    runner.work += ToSeconds(busy) / runner.weight;
    NoteWork();
    --runner.num_queued;
    ++runner.num_running;
    NoteWhoMayRun();
    running_.emplace(now_ + busy, Running{batch.run, worker, &runner, busy});
  }
  state_.TakeWakes();
}

void SimulatedRace::FinishFirst() {
  const auto first = running_.begin();
  now_ = std::max(now_, first->first);
  const Running running = first->second;
  running_.erase(first);
  std::optional<EndedRun> ended = state_.Finished(
      running.run, {running.busy, /*failed=*/dice_.OneIn(10)}, now_);
  for (Completion& completion : ended->completions) {
    std::move(completion).Finish({Outputs{}, Refusal::kNone, {}, {}});
  }
  free_workers_.push_back(running.worker);
  --running.runner->num_running;
  NoteWhoMayRun();
}

template <typename Visit>
void SimulatedRace::ForEachPair(Visit visit) {
  for (size_t i = 0; i < runners_.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      visit(runners_[i], runners_[j], together_[{i, j}]);
    }
  }
}

void SimulatedRace::NoteWork() {
  ForEachPair([&](const Runner& one, const Runner& other, Together& together) {
    if (!together.is_open) return;
    together.low = std::min(together.low, one.work - other.work);
    together.high = std::max(together.high, one.work - other.work);
    const double bound =
        (num_slots_ + 1) * (one.max_run_seconds / one.weight +
                            other.max_run_seconds / other.weight);
    worst_ = std::max(worst_, (together.high - together.low) / bound);
  });
}

void SimulatedRace::NoteWhoMayRun() {
  ForEachPair([&](const Runner& one, const Runner& other, Together& together) {
    const bool may_both = MayRun(one) && MayRun(other);
    if (may_both && !together.is_open) {
      together.low = together.high = one.work - other.work;
    }
    together.is_open = may_both;
  });
}

}  // namespace weir
