// SchedulerState's second half: runs, what is ready where, and who is woken.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "server/pipeline/scheduler_state.h"
#include "sync/check.h"

namespace weir {

bool SchedulerState::Seek(WorkerId worker, TimePoint now) {
  AdvanceTo(now);
  const DeviceIndex index = workers_.at(static_cast<size_t>(worker)).device;
  const bool goes =
      !closed_ && devices_[static_cast<size_t>(index)].share.HasEligible();
  MoveWorker(worker, goes      ? WorkerPhase::kSeeking
                     : closed_ ? WorkerPhase::kBusy
                               : WorkerPhase::kIdle);
  Rebalance();
  return goes;
}

bool SchedulerState::IsSeeking(WorkerId worker) const {
  return workers_[static_cast<size_t>(worker)].phase == WorkerPhase::kSeeking;
}

void SchedulerState::PassBaton(WorkerId worker, TimePoint now) {
  AdvanceTo(now);
  MoveWorker(worker, WorkerPhase::kBlocked);
  Rebalance();
}

// Whose first request comes first, so that no version starves another.
SchedulerState::Version* SchedulerState::FirstReady(const ModelEntry& model,
                                                    DeviceIndex device) {
  Version* first = nullptr;
  for (const VersionId id : model.versions) {
    Version& version = At(id);
    if (version.ready_since == kNever || !RunsOn(version, device)) continue;
    if (first == nullptr ||
        version.queue.FirstPlace() < first->queue.FirstPlace()) {
      first = &version;
    }
  }
  return first;
}

TakenBatch SchedulerState::TakeBatch(WorkerId worker, LeaseTicket lease,
                                     TimePoint now) {
  AdvanceTo(now);
  MoveWorker(worker, WorkerPhase::kBusy);
  TakenBatch result;
  const DeviceIndex index = workers_[static_cast<size_t>(worker)].device;
  const std::optional<FlowId> next =
      devices_[static_cast<size_t>(index)].share.Next();
  if (next.has_value()) {
    ModelEntry& model = models_.at(*next);
    Version* version = FirstReady(model, index);
    WEIR_CHECK(version != nullptr, "an eligible model has a ready version");
    RequestQueue::Taken taken = version->queue.Take(now);
    for (RequestPtr& request : taken.expired) {
      Forget(*request, model);
      places_.erase(request->ticket);
      result.expired.push_back(
          LeftInQueue(std::move(request), Refusal::kExpired, now));
    }
    if (!taken.batch.empty()) {
      result.run = StartRun(*version, worker, lease, taken, now);
      result.requests = std::move(taken.batch);
      result.rows = taken.rows;
      result.stop = runs_.At(result.run).stop.get();
    }
    Refresh(model, now);
  }
  Rebalance();
  return result;
}

RunId SchedulerState::StartRun(Version& version, WorkerId worker,
                               LeaseTicket lease,
                               const RequestQueue::Taken& taken,
                               TimePoint now) {
  const DeviceIndex index = workers_[static_cast<size_t>(worker)].device;
  Device& device = devices_[static_cast<size_t>(index)];
  ModelEntry& model = ModelOf(version);
  Flow& flow = model.flows.at(index);
  Run run{.version = version.spec.id,
          .flow = model.id,
          .device = index,
          .lease = lease,
          .started = now,
          .deadline = SaturatingAdd(now, version.spec.run_time_max),
          .charged_seconds = flow.estimate.Seconds(taken.rows),
          .rows = taken.rows};
  device.share.Charge(model.id, run.charged_seconds);
  ++flow.num_running;
  ++device.num_running;
  ++version.num_running;
  WEIR_CHECK(flow.num_running <= CapOf(model, index), "a model keeps its cap");
  for (const RequestPtr& request : taken.batch) {
    Forget(*request, model);
    const TimePoint ready = std::max(request->arrived, version.ready_since);
    request->times.queue = ready - request->arrived;
    request->times.slot_wait = now - ready;
    run.tickets.push_back(request->ticket);
    run.times.push_back(request->times);
    run.exclusive_keys.push_back(request->exclusive_key);
    run.completions.push_back(std::move(request->completion));
  }
  version.ready_since = kNever;  // what is left may be ready since now
  const std::vector<Ticket> tickets = run.tickets;
  const RunId id = runs_.Start(std::move(run));
  for (const Ticket ticket : tickets) places_.at(ticket).run = id;
  return id;
}

bool SchedulerState::Extend(RunId id, TimePoint now) {
  Run& run = runs_.At(id);
  if (run.claimed) return false;
  run.deadline = SaturatingAdd(now, At(run.version).spec.run_time_max);
  return true;
}

std::optional<EndedRun> SchedulerState::Finished(RunId id,
                                                 const RunOutcome& outcome,
                                                 TimePoint now) {
  AdvanceTo(now);
  Run run = runs_.Finish(id);
  Device& device = devices_[static_cast<size_t>(run.device)];
  ModelEntry& model = models_.at(run.flow);
  Flow& flow = model.flows.at(run.device);
  Version& version = At(run.version);
  --flow.num_running;
  --device.num_running;
  --version.num_running;
  if (IsSerial(model, run.device)) flow.serialized += outcome.busy;
  for (const std::string& key : run.exclusive_keys) {
    version.queue.FreeKey(key);
  }
  if (run.claimed) {
    --flow.num_stuck;
    --device.num_stuck;
  } else {
    const double seconds = ToSeconds(outcome.busy);
    if (!outcome.failed) flow.estimate.Learn(run.rows, seconds);
    device.share.Correct(model.id, seconds - run.charged_seconds);
    for (const Ticket ticket : run.tickets) places_.erase(ticket);
  }
  Refresh(model, now);
  Rebalance();
  if (run.claimed) return std::nullopt;
  return EndedRun{std::move(run.completions), std::move(run.times)};
}

void SchedulerState::Claim(Run& run, const Answer& why, TimePoint now,
                           PendingAnswers& answers) {
  run.claimed = true;
  run.stop->store(true, std::memory_order_relaxed);
  Device& device = devices_[static_cast<size_t>(run.device)];
  ++device.num_stuck;
  if (run.flow == 0) return;  // upkeep
  ++models_.at(run.flow).flows.at(run.device).num_stuck;
  // What it took so far is paid now, for nobody will tell how long it ran.
  device.share.Correct(run.flow,
                       ToSeconds(now - run.started) - run.charged_seconds);
  for (const Ticket ticket : run.tickets) places_.erase(ticket);
  for (size_t i = 0; i < run.completions.size(); ++i) {
    const absl::Status& status = why.outputs.status();
    Answer answer =
        Refuse(absl::Status(status.code(), status.message()), why.refusal);
    answer.times = run.times[i];
    answers.emplace_back(std::move(run.completions[i]), std::move(answer));
  }
  run.completions.clear();
}

StuckRuns SchedulerState::ClaimStuck(TimePoint now) {
  StuckRuns stuck;
  runs_.ForEachOverdue(now, [&](RunId id, Run& run) {
    const std::string model = run.flow == 0 ? "" : models_.at(run.flow).name;
    Claim(run,
          Refuse(absl::UnavailableError(absl::StrCat(
                     "model \"", model, "\": the run took too long")),
                 Refusal::kWatchdog),
          now, stuck.answers);
    const Device& device = devices_[static_cast<size_t>(run.device)];
    stuck.claimed.push_back({id, run.device, run.lease, model,
                             device.num_stuck >= device.num_slots});
  });
  TakeOutUnable(stuck.answers);
  RefreshAll(now);
  Rebalance();
  return stuck;
}

PendingAnswers SchedulerState::GiveUpRuns(TimePoint now) {
  PendingAnswers answers;
  const Answer why =
      Refuse(absl::UnavailableError("the server is shutting down"),
             Refusal::kDraining);
  runs_.ForEachAwaited([&](Run& run) { Claim(run, why, now, answers); });
  return answers;
}

RunId SchedulerState::StartUpkeep(DeviceIndex device, LeaseTicket lease,
                                  TimePoint deadline) {
  ++devices_.at(static_cast<size_t>(device)).num_running;
  return runs_.Start(
      Run{.device = device, .lease = lease, .deadline = deadline});
}

bool SchedulerState::FinishUpkeep(RunId id) {
  const Run run = runs_.Finish(id);
  Device& device = devices_[static_cast<size_t>(run.device)];
  --device.num_running;
  device.num_stuck -= run.claimed ? 1 : 0;
  return !run.claimed;
}

void SchedulerState::RefreshVersion(VersionId id, Version& version,
                                    TimePoint now) {
  const TimePoint ready_at = version.queue.ReadyAt();
  const bool ready = ready_at <= now;
  if (!ready) {
    version.ready_since = kNever;
  } else if (version.ready_since == kNever) {
    version.ready_since = now;
  }
  const TimePoint timed_at = ready ? kNever : ready_at;
  if (timed_at == version.timed_at) return;
  if (version.timed_at != kNever) timed_.erase({version.timed_at, id});
  if (timed_at != kNever) timed_.emplace(timed_at, id);
  version.timed_at = timed_at;
}

void SchedulerState::Refresh(ModelEntry& model, TimePoint now) {
  for (const VersionId id : model.versions) RefreshVersion(id, At(id), now);
  RefreshEligible(model);
}

void SchedulerState::RefreshEligible(const ModelEntry& model) {
  for (const auto& [index, flow] : model.flows) {
    Device& device = devices_[static_cast<size_t>(index)];
    const bool is_up = device.service.in_service > 0 && !device.service.lost;
    const bool eligible = !closed_ && is_up &&
                          flow.num_running < CapOf(model, index) &&
                          FirstReady(model, index) != nullptr;
    device.share.SetEligible(model.id, eligible);
  }
}

void SchedulerState::RefreshAll(TimePoint now) {
  for (auto& [id, model] : models_) Refresh(model, now);
}

void SchedulerState::AdvanceTo(TimePoint now) {
  while (!timed_.empty() && timed_.begin()->first <= now) {
    Refresh(ModelOf(At(timed_.begin()->second)), now);
  }
}

void SchedulerState::MoveWorker(WorkerId id, WorkerPhase phase) {
  Worker& worker = workers_[static_cast<size_t>(id)];
  devices_[static_cast<size_t>(worker.device)].workers.Move(id, worker.phase,
                                                            phase);
  worker.phase = phase;
}

void SchedulerState::Rebalance() {
  for (const bool has_free_slot : {true, false}) {
    for (size_t i = 0; i < devices_.size(); ++i) {
      const Device& device = devices_[i];
      // A stuck run's slot is not in service any more.
      const int busy =
          device.num_running - device.num_stuck + device.workers.num_seeking();
      if ((busy < device.service.in_service) != has_free_slot) continue;
      if (!NeedsWorker(static_cast<DeviceIndex>(i))) continue;
      const WorkerId worker = *device.workers.LastIdle();
      MoveWorker(worker, WorkerPhase::kSeeking);
      wakes_.push_back(worker);
    }
  }
}

bool SchedulerState::NeedsWorker(DeviceIndex index) const {
  const Device& device = devices_[static_cast<size_t>(index)];
  const WorkerLine& workers = device.workers;
  // One who seeks takes the first batch and passes the baton; one who waits for
  // a slot says that there is none.
  if (workers.num_idle() == 0 || workers.num_seeking() > 0 ||
      workers.num_blocked() > 0) {
    return false;
  }
  return device.share.AnyEligible(
      [&](FlowId flow) { return !IsCoveredElsewhere(flow, index); });
}

bool SchedulerState::IsCoveredElsewhere(FlowId flow, DeviceIndex index) const {
  const std::map<DeviceIndex, Flow>& flows = models_.at(flow).flows;
  if (flows.size() == 1) return false;
  return std::any_of(flows.begin(), flows.end(), [&](const auto& entry) {
    const Device& other = devices_[static_cast<size_t>(entry.first)];
    return entry.first != index && other.share.IsEligible(flow) &&
           other.workers.num_seeking() > 0;
  });
}

SchedulerState::DeviceView SchedulerState::ViewDevice(DeviceIndex index) const {
  const Device& device = devices_.at(static_cast<size_t>(index));
  return {device.workers.num_idle(),
          device.workers.num_seeking(),
          device.workers.num_blocked(),
          device.num_running,
          device.num_stuck,
          device.share.HasEligible(),
          NeedsWorker(index)};
}

}  // namespace weir
