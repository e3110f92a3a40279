// Simulator's workers: the loop of server/pipeline/worker.cc, step by step.
#include <utility>

#include "tests/pipeline/simulator.h"

namespace weir {

bool Simulator::CanStep(const Worker& worker) const {
  switch (worker.stage) {
    case Stage::kIdle:
      return worker.is_on_its_way || mirror_.IsClosed();
    case Stage::kRun:
      return worker.done_at <= now_;
    case Stage::kWaitForSlot:
    case Stage::kHome:
      return false;
    default:
      return true;
  }
}

bool Simulator::StepAnyWorker() {
  const size_t first = dice_.Below(workers_.size());
  for (size_t i = 0; i < workers_.size(); ++i) {
    const size_t id = (first + i) % workers_.size();
    if (!CanStep(workers_[id])) continue;
    StepWorker(static_cast<WorkerId>(id));
    return true;
  }
  return false;
}

void Simulator::StepWorker(WorkerId id) {
  Worker& worker = At(id);
  switch (worker.stage) {
    case Stage::kAsk:
      return Ask(id);
    case Stage::kIdle:
      return WakeUp(id);
    case Stage::kAcquire:
      return Acquire(id, /*may_wait=*/false);
    case Stage::kPassBaton:
      Note("worker ", id, " passes the baton");
      worker.stage = Stage::kAcquireOrWait;
      worker.has_passed_baton = true;
      return state_.PassBaton(id, now_);
    case Stage::kAcquireOrWait:
      return Acquire(id, /*may_wait=*/true);
    case Stage::kTake:
      return TakeBatch(id);
    case Stage::kRun:
      return EndRun(worker);
    case Stage::kReport:
      Note("worker ", id, " reports its slot ", worker.grant.slot);
      worker.stage = Stage::kFinish;
      PoolOf(worker.device).Report(worker.grant.ticket, *worker.fault);
      return PassSlots(worker.device);
    case Stage::kFinish:
      return Finish(worker);
    case Stage::kRelease:
      Note("worker ", id, " releases slot ", worker.grant.slot);
      worker.stage = Stage::kAnswer;
      PoolOf(worker.device).Release(worker.grant.ticket, worker.stats);
      return PassSlots(worker.device);
    case Stage::kAnswer:
      return AnswerAll(worker);
    default:
      return;
  }
}

void Simulator::Ask(WorkerId id) {
  Worker& worker = At(id);
  Device& device = devices_[static_cast<size_t>(worker.device)];
  const bool goes = state_.Seek(id, now_);
  Note("worker ", id, " of device ", worker.device,
       goes ? " seeks" : " finds nothing");
  const bool must_go = mirror_.HasRunnable(worker.device, now_);
  report_.Expect(goes == must_go, "a worker goes where something may run");
  worker.is_on_its_way = goes;
  worker.has_passed_baton = false;
  if (goes) {
    worker.stage = Stage::kAcquire;
  } else if (mirror_.IsClosed()) {
    worker.stage = Stage::kHome;
  } else {
    worker.stage = Stage::kIdle;
    device.idle.push_back(id);
  }
}

void Simulator::WakeUp(WorkerId id) {
  Worker& worker = At(id);
  const bool is_seeking = state_.IsSeeking(id);
  report_.Expect(is_seeking || mirror_.IsClosed(),
                 "a woken worker has work to seek, or goes home");
  Note("worker ", id, " wakes up", is_seeking ? "" : " and goes home");
  worker.stage = is_seeking ? Stage::kAcquire : Stage::kHome;
}

void Simulator::Acquire(WorkerId id, bool may_wait) {
  Worker& worker = At(id);
  SimulatedPool& pool = PoolOf(worker.device);
  if (!pool.IsOpen()) {
    Note("worker ", id, " finds no slot in service");
    worker.stage = Stage::kAsk;
    return;
  }
  if (const std::optional<SlotGrant> grant = pool.TryAcquire(worker.hint)) {
    Note("worker ", id, " gets slot ", grant->slot);
    worker.grant = *grant;
    worker.stage = Stage::kTake;
    return;
  }
  Note("worker ", id, may_wait ? " waits for a slot" : " gets no slot");
  if (may_wait) pool.Wait(id);
  worker.stage = may_wait ? Stage::kWaitForSlot : Stage::kPassBaton;
}

// Tells who waited for a slot that they got one, or will not.
void Simulator::PassSlots(DeviceIndex device) {
  SimulatedPool& pool = PoolOf(device);
  for (const auto& [holder, grant] : pool.TakeHanded()) {
    Note("holder ", holder, " is handed slot ", grant.slot);
    if (holder < static_cast<int>(workers_.size())) {
      At(holder).grant = grant;
      At(holder).stage = Stage::kTake;
    } else {
      Guest& guest = guests_[static_cast<size_t>(holder) - workers_.size()];
      guest.grant = grant;
      guest.done_at = now_ + Milliseconds(0, 10);
    }
  }
  for (const SlotHolder holder : pool.TakeDismissed()) {
    Note("holder ", holder, " is sent away");
    if (holder < static_cast<int>(workers_.size())) {
      At(holder).stage = Stage::kAsk;
    } else {
      guests_[static_cast<size_t>(holder) - workers_.size()] = Guest{};
    }
  }
}

void Simulator::TakeBatch(WorkerId id) {
  Worker& worker = At(id);
  TakenBatch batch = state_.TakeBatch(id, worker.grant.ticket, now_);
  SendAll(std::exchange(batch.expired, {}));
  mirror_.Taken(worker.device, worker.grant.ticket, batch, now_);
  Note("worker ", id, " takes run ", batch.run, " of ", batch.requests.size(),
       " requests, the first ", batch.run == 0 ? 0 : batch.requests[0]->ticket);
  worker.is_on_its_way = worker.has_passed_baton = false;
  worker.hint = worker.grant.slot;
  worker.stats = {};
  worker.fault.reset();
  if (batch.run == 0) {
    worker.stage = Stage::kRelease;
  } else {
    BeginRun(worker, std::move(batch));
  }
}

void Simulator::BeginRun(Worker& worker, TakenBatch batch) {
  worker.requests.clear();
  for (const RequestPtr& request : batch.requests) {
    worker.requests.push_back(&mirror_.requests()[request->ticket - 1]);
  }
  worker.stage = Stage::kRun;
  const bool is_wedged = dice_.OneIn(25);
  const Duration busy = Milliseconds(0, dice_.OneIn(6) ? 60 : 8);
  worker.done_at = is_wedged ? kNever : now_ + busy;
  worker.fails = dice_.OneIn(6);
  if (dice_.OneIn(14)) {
    worker.fault = dice_.OneIn(4) ? Fault::kDevice : Fault::kSlot;
  }
  worker.stats = {.run = busy, .rows = batch.rows, .failed = worker.fails};
  worker.batch = std::move(batch);
}

// A failed batch of several may run again, one by one.
void Simulator::EndRun(Worker& worker) {
  const bool runs_again = worker.fails && worker.requests.size() > 1 &&
                          !worker.fault.has_value() && dice_.OneIn(2);
  Note("run ", worker.batch.run, runs_again ? " starts over" : " ends");
  if (runs_again) {
    worker.fails = false;
    const bool extended = state_.Extend(worker.batch.run, now_);
    mirror_.Extended(worker.batch.run, extended, now_);
    if (extended) {
      worker.done_at = now_ + Milliseconds(0, 20);
      return;
    }
  }
  worker.stage = worker.fault.has_value() ? Stage::kReport : Stage::kFinish;
}

void Simulator::Finish(Worker& worker) {
  std::optional<EndedRun> ended = state_.Finished(
      worker.batch.run, {worker.stats.run, worker.stats.failed}, now_);
  const bool is_ours = mirror_.Finished(worker.batch.run);
  Note("run ", worker.batch.run, " is finished",
       is_ours ? "" : ", and was claimed");
  report_.Expect(ended.has_value() == is_ours,
                 "a run is answered by its worker unless it was claimed");
  worker.stage = Stage::kRelease;
  if (!is_ours) worker.requests.clear();
  if (ended.has_value()) worker.completions = std::move(ended->completions);
}

void Simulator::AnswerAll(Worker& worker) {
  for (Completion& completion : worker.completions) {
    std::move(completion).Finish({Outputs{}, Refusal::kNone, {}, {}});
  }
  worker.completions.clear();
  mirror_.Answered(std::exchange(worker.requests, {}));
  worker.batch = {};
  worker.stage = Stage::kAsk;
}

}  // namespace weir
