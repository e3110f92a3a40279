// Simulator's events: clients, timer, watchdog, repairs, loads and reloads.
#include <algorithm>
#include <utility>

#include "tests/pipeline/simulator.h"

namespace weir {

bool Simulator::Submit() {
  if (mirror_.models().empty()) return false;
  auto model = mirror_.models().begin();
  std::advance(model, dice_.Below(mirror_.models().size()));
  const std::vector<VersionId>& versions = model->second;
  const VersionId version =
      dice_.OneIn(5) ? versions[dice_.Below(versions.size())] : versions.back();
  const int64_t rows_max = mirror_.SpecOf(version).batch.rows_max;
  MirrorRequest& request = mirror_.Draw(
      {.version = version,
       .priority = dice_.OneOf({1, 5, 5, 5, 9}),
       .rows =
           dice_.Between(1, static_cast<int>(std::max<int64_t>(rows_max, 1))),
       .bytes = dice_.Between(0, 15),
       .deadline = dice_.OneIn(2) ? kNever : now_ + Milliseconds(0, 30),
       .key = dice_.OneOf({"a", "a", "b"}),
       .exclusive_key = dice_.OneOf({"", "", "", "", "", "x", "y"})});
  auto sent = std::make_unique<Request>(
      Completion(ledger_, [this, &request](const Answer& answer) {
        mirror_.OnAnswer(request, answer);
      }));
  sent->ticket = request.ticket;
  sent->priority = request.priority;
  sent->rows = request.rows;
  sent->bytes = request.bytes;
  sent->deadline = request.deadline;
  sent->batch_key = request.key;
  sent->exclusive_key = request.exclusive_key;
  const std::optional<Refusal> must = mirror_.Judge(request, now_);
  std::optional<Answer> why = state_.Submit(sent, version, now_);
  Note("request ", request.ticket, " for version ", version, " of priority ",
       request.priority, " key ", request.key, " rows ", request.rows, " ",
       request.exclusive_key, why.has_value() ? ": " : " is queued",
       why.has_value() ? std::string(Name(why->refusal)) : "");
  report_.Expect(why.has_value() == must.has_value(),
                 "a request is refused when a bound or a state says so");
  if (!why.has_value()) {
    mirror_.Queued(request, now_);
  } else {
    std::move(PendingAnswer(std::move(sent), *std::move(why))).Send();
    mirror_.Refused(request, must.value_or(Refusal::kNone));
  }
  return true;
}

// Of any request, whatever became of it, or of none.
bool Simulator::Cancel() {
  const Ticket ticket = dice_.Below(mirror_.requests().size() + 2);
  Note("client of ", ticket, " goes away");
  std::optional<PendingAnswer> answer = state_.Cancel(ticket, now_);
  if (answer.has_value()) std::move(*answer).Send();
  mirror_.Cancelled(ticket);
  return true;
}

// Mostly to where something happens, or just short of it.
bool Simulator::PassTime() {
  TimePoint next = std::min(state_.NextTimedChange(), state_.NextRunDeadline());
  for (const Worker& worker : workers_) {
    if (worker.stage == Stage::kRun && worker.done_at > now_) {
      next = std::min(next, worker.done_at);
    }
  }
  for (const Guest& guest : guests_) {
    if (guest.is_here && guest.done_at > now_) {
      next = std::min(next, guest.done_at);
    }
  }
  if (next <= now_ || next == kNever || (!is_ending_ && dice_.OneIn(3))) {
    next = now_ + Milliseconds(0, 5);
  } else if (!is_ending_ && dice_.OneIn(4)) {
    next -= Duration(1);
  }
  now_ = next;
  Note("time passes");
  return true;
}

// The timer; once in a while before anything is due.
bool Simulator::Expire() {
  if (state_.NextTimedChange() > now_ && (is_ending_ || !dice_.OneIn(8))) {
    return false;
  }
  Note("the timer runs");
  SendAll(state_.Expire(now_));
  mirror_.Expired(now_);
  return true;
}

bool Simulator::ClaimStuck() {
  if (state_.NextRunDeadline() > now_ && (is_ending_ || !dice_.OneIn(8))) {
    return false;
  }
  StuckRuns stuck = state_.ClaimStuck(now_);
  SendAll(std::move(stuck.answers));
  Note("the watchdog claims ", stuck.claimed.size(), " runs");
  mirror_.Claimed(stuck.claimed, now_);
  for (const ClaimedRun& run : stuck.claimed) {
    claims_.push_back({run.device, run.lease,
                       run.all_slots_stuck ? Fault::kDevice : Fault::kSlot});
  }
  return true;
}

bool Simulator::ReportClaim() {
  if (claims_.empty()) return false;
  const size_t place = dice_.Below(claims_.size());
  const Claim claim = claims_[place];
  claims_.erase(claims_.begin() + static_cast<std::ptrdiff_t>(place));
  Note("the watchdog reports a ",
       claim.fault == Fault::kDevice ? "device" : "slot", " of device ",
       claim.device);
  PoolOf(claim.device).Report(claim.lease, claim.fault);
  PassSlots(claim.device);
  return true;
}

// In any order.
bool Simulator::DeliverNews() {
  for (size_t i = 0; i < devices_.size(); ++i) {
    std::vector<ServiceNews>& news = devices_[i].pool.news();
    if (news.empty()) continue;
    const size_t place = dice_.Below(news.size());
    const ServiceNews told = news[place];
    news.erase(news.begin() + static_cast<std::ptrdiff_t>(place));
    Note("news ", told.number, " of device ", i, ": ", told.in_service,
         " in service", told.lost ? ", lost" : "");
    SendAll(state_.OnService(static_cast<DeviceIndex>(i), told, now_));
    mirror_.Told(static_cast<DeviceIndex>(i), told);
    return true;
  }
  return false;
}

Simulator::Guest& Simulator::AddGuest(DeviceIndex device, bool is_repair) {
  auto place = std::find_if(guests_.begin(), guests_.end(),
                            [](const Guest& guest) { return !guest.is_here; });
  if (place == guests_.end()) place = guests_.emplace(guests_.end());
  *place = {.is_here = true, .device = device, .is_repair = is_repair};
  return *place;
}

bool Simulator::BeginRepair() {
  for (size_t i = 0; i < devices_.size(); ++i) {
    const auto device = static_cast<DeviceIndex>(i);
    if (!PoolOf(device).HasRetired()) continue;
    Guest& guest = AddGuest(device, /*is_repair=*/true);
    guest.grant = PoolOf(device).BeginRepair();
    guest.done_at = now_ + Milliseconds(0, 6);
    Note("slot ", guest.grant.slot, " of device ", i, " is in repair");
    return true;
  }
  return false;
}

bool Simulator::BeginLoad() {
  const auto device = static_cast<DeviceIndex>(dice_.Below(devices_.size()));
  SimulatedPool& pool = PoolOf(device);
  if (!pool.IsOpen()) return false;
  Guest& guest = AddGuest(device, /*is_repair=*/false);
  if (const std::optional<SlotGrant> grant = pool.TryAcquire(-1)) {
    guest.grant = *grant;
    guest.done_at = now_ + Milliseconds(0, 10);
  } else {
    pool.Wait(static_cast<int>(workers_.size() +
                               static_cast<size_t>(&guest - guests_.data())));
  }
  Note("a loader of device ", device,
       guest.grant.ticket == 0 ? " waits for a slot" : " holds a slot");
  return true;
}

// A load or a repair ends; some of the repairs were in vain.
bool Simulator::EndGuest() {
  for (Guest& guest : guests_) {
    if (!guest.is_here || guest.done_at > now_) continue;
    const Guest ended = std::exchange(guest, Guest{});
    SimulatedPool& pool = PoolOf(ended.device);
    const bool is_sound = is_ending_ || !dice_.OneIn(4);
    Note(ended.is_repair ? "a repair" : "a load", " on slot ", ended.grant.slot,
         " of device ", ended.device, " ends", is_sound ? "" : " badly");
    if (ended.is_repair && is_sound) pool.Restore(ended.grant.ticket);
    if (!ended.is_repair && !is_sound) {
      pool.Report(ended.grant.ticket, Fault::kSlot);
    }
    pool.Release(ended.grant.ticket, {});
    PassSlots(ended.device);
    return true;
  }
  return false;
}

bool Simulator::UnwedgeRun() {
  for (Worker& worker : workers_) {
    if (worker.stage != Stage::kRun || worker.done_at != kNever) continue;
    Note("run ", worker.batch.run, " is wedged no longer");
    worker.done_at = now_;
    return true;
  }
  return false;
}

// A new version comes, or an old one goes; a model may go with its last one.
bool Simulator::Reload() {
  std::vector<VersionId> unused;
  for (const auto& [model, versions] : mirror_.models()) {
    for (const VersionId id : versions) {
      const bool may_go = versions.size() > 1 || dice_.OneIn(8);
      if (may_go && mirror_.IsUnused(id)) unused.push_back(id);
    }
  }
  if (!unused.empty() && dice_.OneIn(2)) {
    const VersionId id = unused[dice_.Below(unused.size())];
    Note("version ", id, " goes");
    mirror_.RemoveVersion(id);
    state_.RemoveVersion(id);
    return true;
  }
  const VersionSpec spec = MakeSpec(dice_.Between(0, num_models_ - 1));
  const auto old = mirror_.models().find(spec.model);
  if (old != mirror_.models().end()) {
    if (old->second.size() > 2) return false;
    for (const VersionId id : old->second) {
      mirror_.EndDelays(id);
      state_.EndDelays(id, now_);
      TakeWakes();
    }
  }
  mirror_.AddVersion(spec);
  state_.AddVersion(spec, now_);
  return true;
}

void Simulator::Drain() {
  Note("the server drains");
  mirror_.Drained();
  state_.StartDraining(now_);
}

// The scheduler first, then the pools.
void Simulator::Close() {
  Note("the server closes");
  SendAll(state_.Close(now_));
  mirror_.Closed();
  TakeWakes();
  for (size_t i = 0; i < devices_.size(); ++i) {
    devices_[i].pool.Close();
    PassSlots(static_cast<DeviceIndex>(i));
  }
}

}  // namespace weir
