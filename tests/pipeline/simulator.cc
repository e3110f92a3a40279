#include "tests/pipeline/simulator.h"

#include <algorithm>

namespace weir {

Simulator::Simulator(uint64_t seed, bool has_trace)
    : dice_(seed),
      has_trace_(has_trace),
      state_(total_requests_max_),
      mirror_(total_requests_max_, report_) {
  Build();
}

void Simulator::Build() {
  const int num_devices = dice_.OneOf({1, 1, 2, 2, 3});
  for (DeviceIndex device = 0; device < num_devices; ++device) {
    const int num_slots = dice_.Between(1, 4);
    state_.AddDevice("fake", num_slots);
    mirror_.AddDevice(num_slots);
    devices_.push_back({SimulatedPool(num_slots, report_), {}});
    const int num_workers = num_slots + dice_.Between(0, 1);
    for (int i = 0; i < num_workers; ++i) {
      state_.AddWorker(device);
      workers_.push_back({.device = device});
    }
    Note("device ", device, ": ", num_slots, " slots, ", num_workers,
         " workers");
  }
  num_models_ = dice_.Between(1, 4);
  for (int model = 0; model < num_models_; ++model) {
    const VersionSpec spec = MakeSpec(model);
    mirror_.AddVersion(spec);
    state_.AddVersion(spec, now_);
  }
}

VersionSpec Simulator::MakeSpec(int model) {
  VersionSpec spec{.id = ++last_version_, .model = absl::StrCat("m", model)};
  const auto first = static_cast<DeviceIndex>(dice_.Below(devices_.size()));
  for (DeviceIndex i = 0; i < static_cast<DeviceIndex>(devices_.size()); ++i) {
    if (i == first || dice_.OneIn(2)) spec.devices.push_back(i);
  }
  spec.batch.rows_max = dice_.OneOf({0, 1, 2, 4});
  spec.batch.delay_max = std::chrono::milliseconds(dice_.OneOf({0, 0, 3, 8}));
  spec.batch.look_ahead_max = dice_.OneOf({0, 1, 2, 128});
  spec.weight = dice_.OneOf({0.5, 1.0, 2.0});
  spec.runs_max = dice_.OneOf({0, 0, 1, 2});
  spec.requests_max = dice_.Between(1, 9);
  spec.bytes_max = dice_.Between(20, 90);
  spec.run_time_max = Milliseconds(20, 40);
  Note("version ", spec.id, " of ", spec.model, ": rows ", spec.batch.rows_max,
       ", look-ahead ", spec.batch.look_ahead_max, ", runs ", spec.runs_max,
       ", requests ", spec.requests_max, ", first device ", first);
  return spec;
}

std::string Simulator::Play() {
  const int num_planned = dice_.Between(60, 160);
  while (num_steps_ < num_planned && report_.broken().empty()) Step();
  if (report_.broken().empty()) PlayToTheEnd();
  return report_.broken();
}

// How often each kind of step is tried, of 100.
void Simulator::Step() {
  ++num_steps_;
  while (!StepOnce(dice_.Between(0, 99))) {
  }
  Check();
}

bool Simulator::StepOnce(int kind) {
  if (kind < 50) return StepAnyWorker();
  if (kind < 68) return Submit();
  if (kind < 72) return Cancel();
  if (kind < 80) return PassTime();
  if (kind < 84) return Expire();
  if (kind < 86) return ClaimStuck();
  if (kind < 88) return ReportClaim();
  if (kind < 91) return DeliverNews();
  if (kind < 93) return BeginRepair();
  if (kind < 94) return BeginLoad();
  if (kind < 97) return EndGuest();
  if (kind < 98) return UnwedgeRun();
  return Reload();
}

// Drains, or is cut short; whatever then happens must come to an end.
void Simulator::PlayToTheEnd() {
  is_ending_ = true;
  const bool drains = !dice_.OneIn(4);
  if (drains) Drain();
  Check();
  const int num_steps_max = num_steps_ + 5000;
  while (drains && !state_.IsDrained() && report_.broken().empty()) {
    report_.Expect(num_steps_ < num_steps_max && StepToTheEnd(),
                   "a drain comes to an end");
  }
  Close();
  Check();
  while (!IsOver() && report_.broken().empty()) {
    report_.Expect(num_steps_ < num_steps_max && StepToTheEnd(),
                   "after Close everybody goes home");
  }
  if (!report_.broken().empty()) return;
  mirror_.CheckEnd();
  report_.Expect(state_.num_queued() == 0 && state_.num_running() == 0 &&
                     state_.IsDrained(),
                 "nothing is left");
  for (const Device& device : devices_) {
    report_.Expect(device.pool.NumLeased() == 0, "no lease is left");
  }
  report_.Expect(ledger_.accepted == ledger_.answered, "all are answered");
  report_.Expect(ledger_.lost == 0, "none is answered by being dropped");
}

// One step of anybody but the clients; time passes when there is none.
bool Simulator::StepToTheEnd() {
  ++num_steps_;
  const bool done = (dice_.OneIn(2) && StepAnyWorker()) || DeliverNews() ||
                    ReportClaim() || Expire() || EndGuest() || ClaimStuck() ||
                    StepAnyWorker() || BeginRepair() || UnwedgeRun() ||
                    PassTime();
  Check();
  return done;
}

bool Simulator::IsOver() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const Worker& worker) {
                       return worker.stage == Stage::kHome;
                     }) &&
         std::none_of(guests_.begin(), guests_.end(),
                      [](const Guest& guest) { return guest.is_here; });
}

void Simulator::Check() {
  TakeWakes();
  mirror_.Check(state_, now_);
  for (size_t i = 0; i < devices_.size(); ++i) {
    devices_[i].pool.Check();
    CheckNoLostWake(static_cast<DeviceIndex>(i));
  }
  if (!report_.broken().empty()) Note("BROKEN: ", report_.broken());
}

void Simulator::TakeWakes() {
  for (const WorkerId id : state_.TakeWakes()) {
    Note("worker ", id, " is woken");
    std::vector<WorkerId>& idle =
        devices_[static_cast<size_t>(At(id).device)].idle;
    if (!mirror_.IsClosed()) {
      CheckWake(id);
      At(id).is_on_its_way = true;
    }
    std::erase(idle, id);
  }
}

// A wake-up is needed, and goes to the one that went idle last.
void Simulator::CheckWake(WorkerId id) {
  const DeviceIndex device = At(id).device;
  const std::vector<WorkerId>& idle =
      devices_[static_cast<size_t>(device)].idle;
  report_.Expect(!idle.empty() && idle.back() == id,
                 "the one that went idle last is woken");
  report_.Expect(IsUncovered(device), "nobody is woken without need");
}

bool Simulator::IsComing(DeviceIndex device, bool though_waiting) const {
  return std::any_of(workers_.begin(), workers_.end(),
                     [&](const Worker& other) {
                       return other.device == device && other.is_on_its_way &&
                              (though_waiting || !other.has_passed_baton);
                     });
}

bool Simulator::IsUncovered(DeviceIndex device) const {
  if (IsComing(device, /*though_waiting=*/true)) return false;
  for (const auto& [model, versions] : mirror_.models()) {
    if (!mirror_.IsRunnable(model, device, now_)) continue;
    bool is_covered = false;
    for (size_t i = 0; i < devices_.size(); ++i) {
      const auto other = static_cast<DeviceIndex>(i);
      is_covered |= other != device && IsComing(other, false) &&
                    mirror_.IsRunnable(model, other, now_);
    }
    if (!is_covered) return true;
  }
  return false;
}

// Never an idle worker, a free slot and runnable work at once.
void Simulator::CheckNoLostWake(DeviceIndex index) {
  Device& device = devices_[static_cast<size_t>(index)];
  const SchedulerState::DeviceView view = state_.ViewDevice(index);
  report_.Expect(view.num_idle == static_cast<int>(device.idle.size()),
                 "idle workers are counted");
  // Until the timer has run, or the news arrived, the scheduler cannot know.
  if (state_.NextTimedChange() > now_) {
    report_.Expect(view.has_eligible == mirror_.HasRunnable(index, now_),
                   "what may run is known");
    report_.Expect(device.idle.empty() || device.pool.NumFree() == 0 ||
                       !IsUncovered(index),
                   "no wake-up is lost");
  }
  report_.Expect(!view.has_uncovered, "somebody comes for what may run");
}

}  // namespace weir
