// SimulatorMirror's rules: what may get in, what is ready, what runs next.
#include <algorithm>

#include "tests/pipeline/simulator_mirror.h"

namespace weir {

int SimulatorMirror::CapOf(const std::string& model, DeviceIndex device) const {
  const int slots = devices_[static_cast<size_t>(device)].num_slots;
  const int runs_max = SpecOf(models_.at(model).back()).runs_max;
  return runs_max == 0 ? slots : std::min(runs_max, slots);
}

int SimulatorMirror::NumRuns(const std::string& model, DeviceIndex device,
                             bool stuck_only) const {
  int count = 0;
  for (const MirrorRun& run : runs_) {
    if (run.device != device || (stuck_only && !run.is_claimed)) continue;
    count += SpecOf(run.version).model == model ? 1 : 0;
  }
  return count;
}

SimulatorMirror::Line SimulatorMirror::QueuedOf(
    const std::string& model) const {
  Line all;
  for (const VersionId id : models_.at(model)) {
    const Line& queued = versions_.at(id).queued;
    all.insert(all.end(), queued.begin(), queued.end());
  }
  return all;
}

std::optional<Refusal> SimulatorMirror::WhyUnable(
    const Version& version) const {
  bool are_lost = true;
  for (const DeviceIndex device : version.spec.devices) {
    if (devices_[static_cast<size_t>(device)].service.lost) continue;
    are_lost = false;
    const int num_stuck = NumRuns(version.spec.model, device, true);
    if (num_stuck < CapOf(version.spec.model, device)) return std::nullopt;
  }
  return are_lost ? Refusal::kDeviceDown : Refusal::kNotReady;
}

bool SimulatorMirror::CanRunNow(const Version& version) const {
  for (const DeviceIndex device : version.spec.devices) {
    const ServiceNews& service = devices_[static_cast<size_t>(device)].service;
    if (service.lost || service.in_service == 0) continue;
    const int num_stuck = NumRuns(version.spec.model, device, true);
    if (num_stuck < CapOf(version.spec.model, device)) return true;
  }
  return false;
}

std::optional<Refusal> SimulatorMirror::Judge(const MirrorRequest& request,
                                              TimePoint now) const {
  if (draining_ || closed_) return Refusal::kDraining;
  const Version& version = versions_.at(request.version);
  if (std::optional<Refusal> why = WhyUnable(version)) return why;
  if (request.deadline <= now) return Refusal::kExpired;
  const std::string& model = version.spec.model;
  const VersionSpec& newest = SpecOf(models_.at(model).back());
  const Line queued = QueuedOf(model);
  int64_t bytes = request.bytes;
  for (const MirrorRequest* other : queued) bytes += other->bytes;
  size_t num_queued = 0;
  for (const auto& [id, any] : versions_) num_queued += any.queued.size();
  if (queued.size() + 1 > static_cast<size_t>(newest.requests_max)) {
    return Refusal::kModelRequests;
  }
  if (bytes > newest.bytes_max) return Refusal::kModelBytes;
  if (num_queued + 1 > static_cast<size_t>(total_requests_max_)) {
    return Refusal::kTotalRequests;
  }
  return std::nullopt;
}

// Those that need not wait for another request of their exclusive key.
SimulatorMirror::Line SimulatorMirror::InLine(const Version& version) const {
  Line line;
  for (MirrorRequest* request : version.queued) {
    if (request->exclusive_key.empty() ||
        version.holders.at(request->exclusive_key) == request) {
      line.push_back(request);
    }
  }
  return line;
}

TimePoint SimulatorMirror::ReadyAt(const Version& version) const {
  const Line line = InLine(version);
  if (line.empty()) return kNever;
  TimePoint oldest = kNever;
  int64_t rows = 0;
  int64_t count = 0;
  for (const MirrorRequest* request : line) {
    oldest = std::min(oldest, request->arrived);
    if (request->key != line.front()->key) continue;
    rows += request->rows;
    ++count;
  }
  const BatchPolicy& batch = version.spec.batch;
  const bool is_full = rows >= batch.rows_max || count >= batch.rows_max;
  if (is_full || version.delays_end || batch.rows_max <= 1) return oldest;
  return oldest + batch.delay_max;
}

bool SimulatorMirror::IsReadyOn(const Version& version, DeviceIndex device,
                                TimePoint now) const {
  const std::vector<DeviceIndex>& devices = version.spec.devices;
  return std::find(devices.begin(), devices.end(), device) != devices.end() &&
         ReadyAt(version) <= now;
}

bool SimulatorMirror::IsRunnable(const std::string& model, DeviceIndex device,
                                 TimePoint now) const {
  const ServiceNews& service = devices_[static_cast<size_t>(device)].service;
  if (closed_ || service.lost || service.in_service == 0) return false;
  if (NumRuns(model, device, false) >= CapOf(model, device)) return false;
  const std::vector<VersionId>& versions = models_.at(model);
  return std::any_of(versions.begin(), versions.end(), [&](VersionId id) {
    return IsReadyOn(versions_.at(id), device, now);
  });
}

bool SimulatorMirror::HasRunnable(DeviceIndex device, TimePoint now) const {
  return std::any_of(models_.begin(), models_.end(), [&](const auto& model) {
    return IsRunnable(model.first, device, now);
  });
}

TimePoint SimulatorMirror::NextTimed(TimePoint now) const {
  TimePoint next = kNever;
  for (const auto& [id, version] : versions_) {
    const TimePoint ready_at = ReadyAt(version);
    if (ready_at > now) next = std::min(next, ready_at);
    for (const MirrorRequest* request : version.queued) {
      next = std::min(next, request->deadline);
    }
  }
  return std::max(next, now);
}

TimePoint SimulatorMirror::NextClaim() const {
  TimePoint next = kNever;
  for (const MirrorRun& run : runs_) {
    if (!run.is_claimed) next = std::min(next, run.deadline);
  }
  return next;
}

// What runs next of a version, and what is met on the way that is too late.
std::pair<SimulatorMirror::Line, SimulatorMirror::Line>
SimulatorMirror::NextBatch(const Version& version, TimePoint now) const {
  const BatchPolicy& policy = version.spec.batch;
  const auto expired_max =
      static_cast<size_t>(2 * std::max<int64_t>(policy.rows_max, 1));
  Line batch;
  Line expired;
  int64_t rows = 0;
  int num_passed = 0;
  for (MirrorRequest* request : InLine(version)) {
    const bool is_late = request->deadline <= now;
    if (is_late && expired.size() < expired_max) {
      expired.push_back(request);
      continue;
    }
    if (is_late || (!batch.empty() && request->key != batch.front()->key)) {
      if (!batch.empty() && ++num_passed > policy.look_ahead_max) break;
      continue;
    }
    if (!batch.empty() && rows + request->rows > policy.rows_max) break;
    batch.push_back(request);
    rows += request->rows;
    if (rows >= policy.rows_max) break;
  }
  return {batch, expired};
}

// The version that was taken from is the model's first, and may run.
void SimulatorMirror::CheckChoice(const Version& version, DeviceIndex device,
                                  TimePoint now) const {
  const std::string& model = version.spec.model;
  report_->Expect(IsRunnable(model, device, now),
                  "what is taken may run: ready, under its cap, device up");
  report_->Expect(IsReadyOn(version, device, now), "a ready version is taken");
  const auto first = InLine(version).front()->place();
  for (const VersionId id : models_.at(model)) {
    const Version& other = versions_.at(id);
    if (!IsReadyOn(other, device, now)) continue;
    report_->Expect(first <= InLine(other).front()->place(),
                    "a model's versions are served in arrival order");
  }
}

void SimulatorMirror::CheckStarts(const Line& batch, const Version& version,
                                  TimePoint now) {
  for (const MirrorRequest* request : batch) {
    report_->Expect(request->deadline > now, "no expired request is started");
    report_->Expect(!request->is_cancelled, "no cancelled request is started");
    report_->Expect(request->num_answers == 0, "no answered one is started");
    if (request->exclusive_key.empty()) continue;
    for (const MirrorRun& run : runs_) {
      if (run.version != version.spec.id) continue;
      for (const MirrorRequest* other : run.requests) {
        report_->Expect(other->exclusive_key != request->exclusive_key,
                        "an exclusive key runs alone");
      }
    }
  }
}

}  // namespace weir
