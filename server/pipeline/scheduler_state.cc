#include "server/pipeline/scheduler_state.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "sync/check.h"

namespace weir {
namespace {

// A status for one request. Each gets its own: copies share memory that
// ThreadSanitizer cannot follow through a distribution's abseil.
absl::Status Fresh(const absl::Status& status) {
  return absl::Status(status.code(), std::string(status.message()));
}

}  // namespace

DeviceIndex SchedulerState::AddDevice(std::string name, int num_slots) {
  Device device{.name = std::move(name), .num_slots = num_slots};
  device.service.in_service = num_slots;
  devices_.push_back(std::move(device));
  return static_cast<DeviceIndex>(devices_.size()) - 1;
}

WorkerId SchedulerState::AddWorker(DeviceIndex device) {
  workers_.push_back({device, WorkerPhase::kBusy});
  return static_cast<WorkerId>(workers_.size()) - 1;
}

void SchedulerState::AddVersion(const VersionSpec& spec, TimePoint now) {
  WEIR_CHECK(!spec.devices.empty(), "a version has a device to run on");
  const auto [name, is_new] = names_.try_emplace(spec.model, last_flow_ + 1);
  if (is_new) {
    ++last_flow_;
    models_.emplace(last_flow_,
                    ModelEntry{.id = last_flow_, .name = spec.model});
  }
  ModelEntry& model = models_.at(name->second);
  model.versions.push_back(spec.id);
  const bool added = versions_
                         .emplace(spec.id, std::make_unique<Version>(Version{
                                               spec, RequestQueue(spec.batch)}))
                         .second;
  WEIR_CHECK(added, "a version is added once");
  for (const DeviceIndex device : spec.devices) {
    FairShare& share = devices_.at(static_cast<size_t>(device)).share;
    if (model.flows.try_emplace(device).second) {
      share.Add(model.id, spec.weight);
    }
  }
  if (draining_) At(spec.id).queue.EndDelays();
  RefreshVersion(spec.id, At(spec.id), now);
  ObeyNewest(model);
}

// Its newest version changed, and with it the cap and the weight of the model.
void SchedulerState::ObeyNewest(ModelEntry& model) {
  for (const auto& [device, flow] : model.flows) {
    devices_[static_cast<size_t>(device)].share.SetWeight(model.id,
                                                          Newest(model).weight);
  }
  RefreshEligible(model);
  Rebalance();
}

void SchedulerState::EndDelays(VersionId version, TimePoint now) {
  At(version).queue.EndDelays();
  Refresh(ModelOf(At(version)), now);
  Rebalance();
}

void SchedulerState::RemoveVersion(VersionId id) {
  Version& version = At(id);
  WEIR_CHECK(version.queue.size() == 0 && version.num_running == 0,
             "a version is removed when nothing of it is left");
  ModelEntry& model = ModelOf(version);
  std::erase(model.versions, id);
  timed_.erase({version.timed_at, id});
  versions_.erase(id);
  std::erase_if(model.flows, [&](const auto& entry) {
    if (IsUsed(model, entry.first)) return false;
    devices_[static_cast<size_t>(entry.first)].share.Remove(model.id);
    return true;
  });
  if (!model.versions.empty()) return ObeyNewest(model);
  names_.erase(model.name);
  models_.erase(model.id);
}

bool SchedulerState::IsUsed(const ModelEntry& model, DeviceIndex device) const {
  return std::any_of(model.versions.begin(), model.versions.end(),
                     [&](VersionId id) { return RunsOn(At(id), device); });
}

bool SchedulerState::RunsOn(const Version& version, DeviceIndex device) {
  const std::vector<DeviceIndex>& devices = version.spec.devices;
  return std::find(devices.begin(), devices.end(), device) != devices.end();
}

std::optional<Answer> SchedulerState::WhyUnable(const ModelEntry& model,
                                                const Version& version) const {
  bool are_lost = true;
  for (const DeviceIndex device : version.spec.devices) {
    if (devices_[static_cast<size_t>(device)].service.lost) continue;
    if (model.flows.at(device).num_stuck < CapOf(model, device)) {
      return std::nullopt;
    }
    are_lost = false;
  }
  if (are_lost) {
    return Refuse(absl::UnavailableError(absl::StrCat(
                      "model \"", model.name, "\": its device is lost")),
                  Refusal::kDeviceDown);
  }
  return Refuse(
      absl::UnavailableError(absl::StrCat(
          "model \"", model.name, "\" is not ready: all its runs are stuck")),
      Refusal::kNotReady);
}

absl::Status SchedulerState::WhyNotReady(const std::string& name) const {
  const auto found = names_.find(name);
  if (found == names_.end()) {
    return absl::UnavailableError(
        absl::StrCat("model \"", name, "\" is not ready"));
  }
  const ModelEntry& model = models_.at(found->second);
  absl::Status why;
  for (const VersionId id : model.versions) {
    std::optional<Answer> unable = WhyUnable(model, At(id));
    if (unable.has_value()) {
      why = std::move(unable->outputs).status();
    } else if (HasSlot(model, At(id))) {
      return absl::OkStatus();
    } else {
      why = absl::UnavailableError(absl::StrCat(
          "model \"", name, "\" is not ready: no slot of its device is in ",
          "service"));
    }
  }
  return why;
}

bool SchedulerState::HasSlot(const ModelEntry& model,
                             const Version& version) const {
  return std::any_of(version.spec.devices.begin(), version.spec.devices.end(),
                     [&](DeviceIndex index) {
                       const ServiceNews& service =
                           devices_[static_cast<size_t>(index)].service;
                       return !service.lost && service.in_service > 0 &&
                              model.flows.at(index).num_stuck <
                                  CapOf(model, index);
                     });
}

int SchedulerState::CapOf(const ModelEntry& model, DeviceIndex device) const {
  const int slots = devices_[static_cast<size_t>(device)].num_slots;
  const int runs_max = Newest(model).runs_max;
  return runs_max == 0 ? slots : std::min(runs_max, slots);
}

bool SchedulerState::IsSerial(const ModelEntry& model,
                              DeviceIndex device) const {
  return CapOf(model, device) == 1 &&
         devices_[static_cast<size_t>(device)].num_slots > 1;
}

void SchedulerState::TakeOutAll(Version& version, const Answer& why,
                                PendingAnswers& answers) {
  ModelEntry& model = ModelOf(version);
  for (RequestPtr& request : version.queue.TakeAll()) {
    Forget(*request, model);
    places_.erase(request->ticket);
    answers.emplace_back(std::move(request),
                         Refuse(Fresh(why.outputs.status()), why.refusal));
  }
}

void SchedulerState::TakeOutUnable(PendingAnswers& answers) {
  for (const auto& [id, model] : models_) {
    for (const VersionId version : model.versions) {
      std::optional<Answer> why = WhyUnable(model, At(version));
      if (why.has_value()) TakeOutAll(At(version), *why, answers);
    }
  }
}

PendingAnswers SchedulerState::OnService(DeviceIndex index,
                                         const ServiceNews& news,
                                         TimePoint now) {
  PendingAnswers answers;
  Device& device = devices_.at(static_cast<size_t>(index));
  if (news.number <= device.service.number) return answers;
  device.service = news;
  TakeOutUnable(answers);
  RefreshAll(now);
  Rebalance();
  return answers;
}

void SchedulerState::StartDraining(TimePoint now) {
  draining_ = true;
  for (auto& [id, version] : versions_) version->queue.EndDelays();
  RefreshAll(now);
  Rebalance();
}

PendingAnswers SchedulerState::Close(TimePoint now) {
  closed_ = true;
  PendingAnswers answers;
  const Answer why =
      Refuse(absl::UnavailableError("the server is shutting down"),
             Refusal::kDraining);
  for (const auto& [id, model] : models_) {
    for (const VersionId version : model.versions) {
      TakeOutAll(At(version), why, answers);
    }
  }
  RefreshAll(now);
  for (WorkerId worker = 0; worker < static_cast<WorkerId>(workers_.size());
       ++worker) {
    if (workers_[static_cast<size_t>(worker)].phase != WorkerPhase::kIdle) {
      continue;
    }
    MoveWorker(worker, WorkerPhase::kBusy);
    wakes_.push_back(worker);
  }
  return answers;
}

TimePoint SchedulerState::NextTimedChange() const {
  TimePoint next = kNever;
  if (!deadlines_.empty()) next = deadlines_.begin()->first;
  if (!timed_.empty()) next = std::min(next, timed_.begin()->first);
  return next;
}

Duration SchedulerState::RunTimeMin() const {
  Duration least = Duration::max();
  for (const auto& [id, version] : versions_) {
    least = std::min(least, version->spec.run_time_max);
  }
  return least;
}

SchedulerState::ModelView SchedulerState::ViewModel(
    const std::string& name) const {
  ModelView view;
  const auto found = names_.find(name);
  if (found == names_.end()) return view;
  const ModelEntry& model = models_.at(found->second);
  view.num_queued = model.num_queued;
  view.bytes_queued = model.bytes_queued;
  view.estimated_wait = EstimatedWait(model);
  for (const auto& [device, flow] : model.flows) {
    view.num_running += flow.num_running;
    view.num_stuck += flow.num_stuck;
    // What was counted stays when a newer version may do more.
    if (IsSerial(model, device) || flow.serialized > Duration::zero()) {
      view.serialized.emplace_back(devices_[static_cast<size_t>(device)].name,
                                   flow.serialized);
    }
  }
  return view;
}

}  // namespace weir
