#include "server/pipeline/scheduler.h"

#include <algorithm>
#include <utility>

#include "server/pipeline/model_version.h"
#include "server/pipeline/pending_answer.h"
#include "sync/check.h"

namespace weir {

Scheduler::Scheduler(int total_requests_max, absl::StatusCode overload_code,
                     Clock& clock)
    : clock_(clock), state_(total_requests_max, overload_code) {}

Scheduler::~Scheduler() { Close(); }

Scheduler::Wakes Scheduler::Collect() {
  Wakes wakes;
  for (const WorkerId worker : state_.TakeWakes()) {
    wakes.seats.push_back(seats_[static_cast<size_t>(worker)].get());
  }
  wakes.timer = state_.NextTimedChange() < timer_until_ || state_.closed();
  wakes.drained = draining_ && state_.IsDrained();
  return wakes;
}

void Scheduler::Wake(const Wakes& wakes) {
  for (Seat* seat : wakes.seats) seat->woken.NotifyOne();
  if (wakes.timer) timer_woken_.NotifyOne();
  if (wakes.drained) drained_.NotifyAll();
}

// Holds the mutex for one change of the state. Once it is free again, all who
// have something to do after that change are notified: a thread that is woken
// under it would run straight into it.
class ABSL_SCOPED_LOCKABLE Scheduler::Turn {
 public:
  explicit Turn(Scheduler& scheduler)
      ABSL_EXCLUSIVE_LOCK_FUNCTION(scheduler.mutex_)
      : scheduler_(scheduler) {
    scheduler_.mutex_.Lock();
  }
  ~Turn() ABSL_UNLOCK_FUNCTION() {
    const Wakes wakes = scheduler_.Collect();
    scheduler_.mutex_.Unlock();
    scheduler_.Wake(wakes);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Scheduler& scheduler_;
};

DeviceIndex Scheduler::AddDevice(const std::string& name, int num_slots) {
  MutexLock lock(mutex_);
  devices_.push_back(name);
  return state_.AddDevice(name, num_slots);
}

WorkerId Scheduler::AddWorker(DeviceIndex device) {
  MutexLock lock(mutex_);
  seats_.push_back(std::make_unique<Seat>());
  return state_.AddWorker(device);
}

void Scheduler::AddVersion(const VersionSpec& spec) {
  Turn turn(*this);
  state_.AddVersion(spec, clock_.Now());
  // Its runs may be overdue before the watchdog meant to look again.
  watchdog_woken_.NotifyOne();
}

void Scheduler::EndDelays(VersionId version) {
  Turn turn(*this);
  state_.EndDelays(version, clock_.Now());
}

void Scheduler::RemoveVersion(VersionId version) {
  Turn turn(*this);
  state_.RemoveVersion(version);
}

void Scheduler::Submit(RequestPtr request) {
  const VersionId version = request->model->id();
  std::optional<Answer> refused;
  {
    Turn turn(*this);
    refused = state_.Submit(request, version, clock_.Now());
  }
  if (refused.has_value()) {
    std::move(PendingAnswer(std::move(request), *std::move(refused))).Send();
  }
}

void Scheduler::Cancel(Ticket ticket) {
  std::optional<PendingAnswer> answer;
  {
    Turn turn(*this);
    std::optional<PendingAnswer> taken = state_.Cancel(ticket, clock_.Now());
    if (taken.has_value()) answer.emplace(*std::move(taken));
  }
  if (answer.has_value()) std::move(*answer).Send();
}

bool Scheduler::AwaitWork(WorkerId worker) {
  MutexLock lock(mutex_);
  Seat& seat = *seats_.at(static_cast<size_t>(worker));
  bool goes = state_.Seek(worker, clock_.Now());
  Wake(Collect());
  while (!goes && !state_.closed()) {
    seat.woken.Wait(mutex_);
    goes = state_.IsSeeking(worker);
  }
  return goes && !state_.closed();
}

void Scheduler::PassBaton(WorkerId worker) {
  Turn turn(*this);
  state_.PassBaton(worker, clock_.Now());
}

Batch Scheduler::TakeBatch(WorkerId worker, const SlotLease& lease) {
  TakenBatch taken;
  {
    Turn turn(*this);
    taken = state_.TakeBatch(worker, lease.ticket(), clock_.Now());
  }
  SendAll(std::move(taken.expired));
  return Batch(taken.run, std::move(taken.requests), taken.rows, taken.stop);
}

std::optional<TimePoint> Scheduler::RunAgain(const Batch& batch) {
  MutexLock lock(mutex_);
  const TimePoint now = clock_.Now();
  if (!state_.Extend(batch.run(), now)) return std::nullopt;
  return now;
}

bool Scheduler::Finished(Batch& batch, const BatchResult& result) {
  std::optional<EndedRun> ended;
  {
    Turn turn(*this);
    const RunOutcome outcome{result.stats.gather + result.stats.run,
                             !result.whole.ok()};
    ended = state_.Finished(batch.run(), outcome, clock_.Now());
  }
  if (!ended.has_value()) return false;
  batch.TakeCompletions(std::move(ended->completions), std::move(ended->times));
  return true;
}

bool Scheduler::AwaitTimedChange() {
  PendingAnswers answers;
  {
    Turn turn(*this);
    while (!state_.closed() && state_.NextTimedChange() > clock_.Now()) {
      timer_until_ = state_.NextTimedChange();
      clock_.WaitUntil(timer_woken_, mutex_, timer_until_);
    }
    if (state_.closed()) return false;
    answers = state_.Expire(clock_.Now());
    timer_until_ = state_.NextTimedChange();
  }
  SendAll(std::move(answers));
  return true;
}

std::optional<StuckRuns> Scheduler::AwaitStuckRuns() {
  StuckRuns stuck;
  {
    Turn turn(*this);
    while (!watch_ended_ && state_.NextRunDeadline() > clock_.Now()) {
      // A run that starts from now on cannot be overdue any sooner, so no start
      // needs to wake this thread.
      const TimePoint next =
          std::min(state_.NextRunDeadline(),
                   SaturatingAdd(clock_.Now(), state_.RunTimeMin()));
      clock_.WaitUntil(watchdog_woken_, mutex_, next);
    }
    if (watch_ended_) return std::nullopt;
    stuck = state_.ClaimStuck(clock_.Now());
  }
  return stuck;
}

void Scheduler::EndWatch() {
  MutexLock lock(mutex_);
  watch_ended_ = true;
  watchdog_woken_.NotifyAll();
}

RunId Scheduler::StartUpkeep(DeviceIndex device, const SlotLease& lease,
                             TimePoint deadline) {
  MutexLock lock(mutex_);
  watchdog_woken_.NotifyOne();
  return state_.StartUpkeep(device, lease.ticket(), deadline);
}

bool Scheduler::FinishUpkeep(RunId run) {
  MutexLock lock(mutex_);
  return state_.FinishUpkeep(run);
}

void Scheduler::OnService(const std::string& device, const ServiceNews& news) {
  PendingAnswers answers;
  {
    Turn turn(*this);
    const auto place = std::find(devices_.begin(), devices_.end(), device);
    WEIR_CHECK(place != devices_.end(), "news come from a known device");
    answers = state_.OnService(
        static_cast<DeviceIndex>(place - devices_.begin()), news, clock_.Now());
  }
  SendAll(std::move(answers));
}

void Scheduler::StartDraining() {
  Turn turn(*this);
  draining_ = true;
  state_.StartDraining(clock_.Now());
}

bool Scheduler::AwaitDrained(TimePoint deadline) {
  MutexLock lock(mutex_);
  while (!state_.IsDrained()) {
    if (clock_.WaitUntil(drained_, mutex_, deadline)) {
      return state_.IsDrained();
    }
  }
  return true;
}

void Scheduler::GiveUpRuns() {
  PendingAnswers answers;
  {
    Turn turn(*this);
    answers = state_.GiveUpRuns(clock_.Now());
  }
  SendAll(std::move(answers));
}

void Scheduler::Close() {
  PendingAnswers answers;
  {
    Turn turn(*this);
    answers = state_.Close(clock_.Now());
  }
  SendAll(std::move(answers));
}

absl::Status Scheduler::WhyNotReady(const std::string& model) const {
  MutexLock lock(mutex_);
  return state_.WhyNotReady(model);
}

Duration Scheduler::RetryAfter(const std::string& model) const {
  MutexLock lock(mutex_);
  return state_.RetryAfter(model);
}

SchedulerState::ModelView Scheduler::ViewModel(const std::string& model) const {
  MutexLock lock(mutex_);
  return state_.ViewModel(model);
}

SchedulerState::DeviceView Scheduler::ViewDevice(DeviceIndex device) const {
  MutexLock lock(mutex_);
  return state_.ViewDevice(device);
}

}  // namespace weir
