#include "tests/pipeline/simulator_mirror.h"

#include <algorithm>

namespace weir {

void SimulatorMirror::AddDevice(int num_slots) {
  devices_.push_back({num_slots, {.in_service = num_slots}});
}

void SimulatorMirror::AddVersion(const VersionSpec& spec) {
  models_[spec.model].push_back(spec.id);
  versions_.emplace(spec.id, Version{spec, draining_});
}

bool SimulatorMirror::IsUnused(VersionId id) const {
  return versions_.at(id).queued.empty() &&
         std::none_of(runs_.begin(), runs_.end(),
                      [&](const MirrorRun& run) { return run.version == id; });
}

void SimulatorMirror::RemoveVersion(VersionId id) {
  const auto model = models_.find(SpecOf(id).model);
  std::erase(model->second, id);
  if (model->second.empty()) models_.erase(model);
  versions_.erase(id);
}

MirrorRequest& SimulatorMirror::Draw(const MirrorRequest& request) {
  requests_.push_back(request);
  requests_.back().ticket = requests_.size();
  return requests_.back();
}

void SimulatorMirror::OnAnswer(MirrorRequest& request, const Answer& answer) {
  report_->Expect(++request.num_answers == 1, "a request is answered once");
  report_->Expect(answer.outputs.ok() == (answer.refusal == Refusal::kNone),
                  "an answer has outputs or a refusal");
  request.told = answer.refusal;
  arrived_answers_.push_back(&request);
}

void SimulatorMirror::Settle(const Verdicts& verdicts) {
  report_->Expect(arrived_answers_.size() == verdicts.size(),
                  "those are answered who must be, and no others");
  for (const auto& [request, refusal] : verdicts) {
    report_->Expect(request->num_answers == 1, "who must be answered is");
    report_->Expect(request->told == refusal, "an answer tells the reason");
  }
  arrived_answers_.clear();
}

void SimulatorMirror::Refused(MirrorRequest& request, Refusal refusal) {
  Settle({{&request, refusal}});
}

void SimulatorMirror::Queued(MirrorRequest& request, TimePoint now) {
  Version& version = versions_.at(request.version);
  request.arrived = now;
  request.was_accepted = request.is_queued = true;
  const auto place = std::find_if(
      version.queued.begin(), version.queued.end(),
      [&](const auto* other) { return request.place() < other->place(); });
  version.queued.insert(place, &request);
  if (!request.exclusive_key.empty()) {
    version.holders.try_emplace(request.exclusive_key, &request);
  }
  Settle({});
}

void SimulatorMirror::LeaveQueue(MirrorRequest& request) {
  std::erase(versions_.at(request.version).queued, &request);
  request.is_queued = false;
}

// Lets the next request of its key step into line.
void SimulatorMirror::FreeKey(Version& version, const MirrorRequest& request) {
  const auto holder = version.holders.find(request.exclusive_key);
  if (holder == version.holders.end() || holder->second != &request) return;
  version.holders.erase(holder);
  for (MirrorRequest* next : version.queued) {
    if (next->exclusive_key != request.exclusive_key) continue;
    version.holders.emplace(next->exclusive_key, next);
    return;
  }
}

void SimulatorMirror::Taken(DeviceIndex device, LeaseTicket lease,
                            const TakenBatch& taken, TimePoint now) {
  if (taken.requests.empty() && arrived_answers_.empty()) {
    report_->Expect(taken.run == 0, "a run has requests");
    report_->Expect(!HasRunnable(device, now), "what may run is taken");
    return;
  }
  const Ticket first = taken.requests.empty() ? arrived_answers_[0]->ticket
                                              : taken.requests[0]->ticket;
  Version& version = versions_.at(requests_[first - 1].version);
  CheckChoice(version, device, now);
  const auto [batch, expired] = NextBatch(version, now);
  Line got;
  for (const RequestPtr& request : taken.requests) {
    got.push_back(&requests_[request->ticket - 1]);
  }
  report_->Expect(got == batch, "a batch is the next of its queue in order");
  report_->Expect((taken.run != 0) == !batch.empty(), "a batch is a run");
  CheckStarts(got, version, now);
  for (MirrorRequest* request : got) LeaveQueue(*request);
  Verdicts verdicts;
  for (MirrorRequest* request : expired) {
    LeaveQueue(*request);
    verdicts.emplace_back(request, Refusal::kExpired);
  }
  for (MirrorRequest* request : expired) FreeKey(version, *request);
  Settle(verdicts);
  if (taken.run == 0) return;
  runs_.push_back({taken.run, version.spec.id, device, lease,
                   now + version.spec.run_time_max, taken.stop, got});
}

void SimulatorMirror::Extended(RunId id, bool extended, TimePoint now) {
  for (MirrorRun& run : runs_) {
    if (run.id != id) continue;
    report_->Expect(extended == !run.is_claimed, "a claimed run has no time");
    if (extended) run.deadline = now + SpecOf(run.version).run_time_max;
  }
}

bool SimulatorMirror::Finished(RunId id) {
  const auto run =
      std::find_if(runs_.begin(), runs_.end(),
                   [&](const MirrorRun& other) { return other.id == id; });
  const bool is_claimed = run->is_claimed;
  Version& version = versions_.at(run->version);
  for (const MirrorRequest* request : run->requests) FreeKey(version, *request);
  runs_.erase(run);
  Settle({});
  return !is_claimed;
}

void SimulatorMirror::Answered(const Line& requests) {
  Verdicts verdicts;
  for (MirrorRequest* request : requests) {
    verdicts.emplace_back(request, Refusal::kNone);
  }
  Settle(verdicts);
}

void SimulatorMirror::Expired(TimePoint now) {
  Verdicts verdicts;
  for (auto& [id, version] : versions_) {
    const Line queued = version.queued;
    for (MirrorRequest* request : queued) {
      if (request->deadline > now) continue;
      LeaveQueue(*request);
      FreeKey(version, *request);
      verdicts.emplace_back(request, Refusal::kExpired);
    }
  }
  Settle(verdicts);
}

void SimulatorMirror::Cancelled(Ticket ticket) {
  if (ticket == 0 || ticket > requests_.size()) return Settle({});
  MirrorRequest& request = requests_[ticket - 1];
  const bool was_queued = request.is_queued;
  request.is_cancelled = true;
  if (was_queued) {
    LeaveQueue(request);
    FreeKey(versions_.at(request.version), request);
    return Settle({{&request, Refusal::kCancelled}});
  }
  Settle({});
}

void SimulatorMirror::TakeOut(Version& version, Refusal refusal,
                              Verdicts& verdicts) {
  const Line queued = std::exchange(version.queued, {});
  for (MirrorRequest* request : queued) {
    request->is_queued = false;
    FreeKey(version, *request);
    verdicts.emplace_back(request, refusal);
  }
}

void SimulatorMirror::TakeOutUnable(Verdicts& verdicts) {
  for (auto& [id, version] : versions_) {
    const std::optional<Refusal> why = WhyUnable(version);
    if (why.has_value()) TakeOut(version, *why, verdicts);
  }
}

void SimulatorMirror::Claimed(const std::vector<ClaimedRun>& claimed,
                              TimePoint now) {
  Verdicts verdicts;
  size_t num_claimed = 0;
  for (MirrorRun& run : runs_) {
    if (run.is_claimed || run.deadline > now) continue;
    run.is_claimed = true;
    const auto as_told = std::find_if(
        claimed.begin(), claimed.end(), [&](const ClaimedRun& other) {
          return other.device == run.device && other.lease == run.lease;
        });
    ++num_claimed;
    report_->Expect(as_told != claimed.end(), "what is overdue is claimed");
    if (as_told == claimed.end()) continue;
    const auto num_stuck =
        std::count_if(runs_.begin(), runs_.end(), [&](const MirrorRun& other) {
          return other.device == run.device && other.is_claimed;
        });
    const int num_slots = devices_[static_cast<size_t>(run.device)].num_slots;
    report_->Expect(as_told->all_slots_stuck == (num_stuck == num_slots),
                    "a device is lost when all its slots are stuck");
    for (MirrorRequest* request : run.requests) {
      verdicts.emplace_back(request, Refusal::kWatchdog);
    }
  }
  report_->Expect(claimed.size() == num_claimed, "only what is overdue is");
  TakeOutUnable(verdicts);
  Settle(verdicts);
}

void SimulatorMirror::Told(DeviceIndex device, const ServiceNews& news) {
  ServiceNews& known = devices_[static_cast<size_t>(device)].service;
  if (news.number <= known.number) return Settle({});
  known = news;
  Verdicts verdicts;
  TakeOutUnable(verdicts);
  Settle(verdicts);
}

void SimulatorMirror::Drained() {
  draining_ = true;
  for (auto& [id, version] : versions_) version.delays_end = true;
}

void SimulatorMirror::Closed() {
  closed_ = true;
  Verdicts verdicts;
  for (auto& [id, version] : versions_) {
    TakeOut(version, Refusal::kDraining, verdicts);
  }
  Settle(verdicts);
}

void SimulatorMirror::Check(const SchedulerState& state, TimePoint now) const {
  report_->Expect(arrived_answers_.empty(), "nobody is answered unasked");
  int64_t num_queued = 0;
  for (const auto& [model, versions] : models_) {
    int64_t bytes = 0;
    const Line queued = QueuedOf(model);
    for (const MirrorRequest* request : queued) bytes += request->bytes;
    int num_running = 0;
    int num_stuck = 0;
    for (const MirrorRun& run : runs_) {
      if (SpecOf(run.version).model != model) continue;
      ++num_running;
      num_stuck += run.is_claimed ? 1 : 0;
    }
    const SchedulerState::ModelView view = state.ViewModel(model);
    report_->Expect(view.num_queued == static_cast<int64_t>(queued.size()),
                    "a model's requests are counted");
    report_->Expect(view.bytes_queued == bytes, "its bytes are counted");
    report_->Expect(view.num_running == num_running, "its runs are counted");
    report_->Expect(view.num_stuck == num_stuck, "its stuck ones are counted");
    num_queued += view.num_queued;
    const bool is_able =
        std::any_of(versions.begin(), versions.end(),
                    [&](VersionId id) { return CanRunNow(versions_.at(id)); });
    report_->Expect(state.WhyNotReady(model).ok() == is_able,
                    "a model is ready when one of its versions has a slot");
  }
  report_->Expect(num_queued == state.num_queued(), "requests are counted");
  report_->Expect(num_queued <= total_requests_max_, "the total bound holds");
  report_->Expect(state.num_running() == runs_.size(), "runs are counted");
  for (const MirrorRun& run : runs_) {
    const bool is_unwanted = std::all_of(
        run.requests.begin(), run.requests.end(),
        [](const MirrorRequest* request) { return request->is_cancelled; });
    report_->Expect(run.stop->load() == (run.is_claimed || is_unwanted),
                    "a run stops when nobody waits for it");
  }
  const TimePoint next = std::max(state.NextTimedChange(), now);
  const TimePoint must = NextTimed(now);
  report_->Expect(next == must || next == now, "the timer is set in time");
  report_->Expect(state.NextRunDeadline() == NextClaim(),
                  "the watchdog is set in time");
}

void SimulatorMirror::CheckEnd() const {
  for (const MirrorRequest& request : requests_) {
    report_->Expect(request.num_answers == 1, "each request is answered");
  }
  report_->Expect(runs_.empty(), "no run is left");
}

}  // namespace weir
