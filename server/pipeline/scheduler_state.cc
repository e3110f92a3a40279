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
  const auto [name, is_new] = names_.try_emplace(spec.model, last_flow_ + 1);
  if (is_new) {
    models_.emplace(++last_flow_,
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
  for (const auto& [device, flow] : model.flows) {
    devices_[static_cast<size_t>(device)].share.SetWeight(model.id,
                                                          spec.weight);
  }
  if (draining_) At(spec.id).queue.EndDelays();
  Refresh(model, now);
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
  if (!model.versions.empty()) return;
  for (const auto& [device, flow] : model.flows) {
    devices_[static_cast<size_t>(device)].share.Remove(model.id);
  }
  names_.erase(model.name);
  models_.erase(model.id);
}

absl::Status SchedulerState::WhyDown(const ModelEntry& model) const {
  for (const auto& [device, flow] : model.flows) {
    if (!devices_[static_cast<size_t>(device)].service.lost) {
      return absl::OkStatus();
    }
  }
  return absl::UnavailableError(
      absl::StrCat("model \"", model.name, "\": its device is lost"));
}

absl::Status SchedulerState::WhyNotReady(const std::string& name) const {
  const auto found = names_.find(name);
  if (found == names_.end()) {
    return absl::UnavailableError(
        absl::StrCat("model \"", name, "\" is not ready"));
  }
  const ModelEntry& model = models_.at(found->second);
  if (absl::Status why = WhyDown(model); !why.ok()) return why;
  for (const auto& [device, flow] : model.flows) {
    if (flow.num_stuck < CapOf(model, device)) return absl::OkStatus();
  }
  return absl::UnavailableError(absl::StrCat(
      "model \"", name, "\" is not ready: all its runs are stuck"));
}

int SchedulerState::CapOf(const ModelEntry& model, DeviceIndex device) const {
  const int slots = devices_[static_cast<size_t>(device)].num_slots;
  const int runs_max = Newest(model).runs_max;
  return runs_max == 0 ? slots : std::min(runs_max, slots);
}

void SchedulerState::TakeOutAll(ModelEntry& model, const absl::Status& why,
                                Refusal refusal, PendingAnswers& answers) {
  for (const VersionId id : model.versions) {
    for (RequestPtr& request : At(id).queue.TakeAll()) {
      Forget(*request, model);
      places_.erase(request->ticket);
      answers.emplace_back(std::move(request), Refuse(Fresh(why), refusal));
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
  for (auto& [id, model] : models_) {
    if (absl::Status why = WhyDown(model); !why.ok()) {
      TakeOutAll(model, why, Refusal::kDeviceDown, answers);
    }
  }
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
  const absl::Status why =
      absl::UnavailableError("the server is shutting down");
  for (auto& [id, model] : models_) {
    TakeOutAll(model, why, Refusal::kDraining, answers);
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
  for (const auto& [device, flow] : model.flows) {
    view.num_running += flow.num_running;
    view.num_stuck += flow.num_stuck;
  }
  return view;
}

}  // namespace weir
