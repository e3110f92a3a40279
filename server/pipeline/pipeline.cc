#include "server/pipeline/pipeline.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace weir {
namespace {

absl::StatusCode OverloadCode(const Config& config) {
  return config.overload.status == OverloadStatus::kUnavailable
             ? absl::StatusCode::kUnavailable
             : absl::StatusCode::kResourceExhausted;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Pipeline>> Pipeline::Create(const Config& config,
                                                           Backend& backend,
                                                           Clock& clock,
                                                           Metrics& metrics,
                                                           Observer& observer) {
  std::unique_ptr<Pipeline> pipeline(
      new Pipeline(config, backend, clock, metrics, observer));
  absl::Status status = pipeline->AddDevices();
  if (!status.ok()) return status;
  pipeline->Start();
  return pipeline;
}

Pipeline::Pipeline(const Config& config, Backend& backend, Clock& clock,
                   Metrics& metrics, Observer& observer)
    : config_(config),
      backend_(backend),
      clock_(clock),
      metrics_(metrics),
      observer_(observer),
      budget_(config.queue.total_bytes_max),
      scheduler_(config.queue.total_requests_max, OverloadCode(config), clock) {
}

absl::Status Pipeline::AddDevices() {
  const std::vector<DeviceInfo> known = backend_.Devices();
  for (const DeviceConfig& device : config_.devices) {
    const auto info = std::find_if(
        known.begin(), known.end(), [&](const DeviceInfo& candidate) {
          return MeansDevice(device.device, candidate.name);
        });
    if (info == known.end()) {
      std::string have;
      for (const DeviceInfo& one : known) absl::StrAppend(&have, " ", one.name);
      return absl::NotFoundError(absl::StrCat(
          "device \"", device.device, "\" is not there; there is:", have));
    }
    absl::Status status = AddDevice(device, *info);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Pipeline::AddDevice(const DeviceConfig& device,
                                 const DeviceInfo& info) {
  for (const PipelineDevice& other : devices_) {
    if (other.name != info.name) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("device \"", info.name, "\" is listed twice"));
  }
  const int wanted =
      std::clamp(device.slots.value_or(info.slots_default), 1, kSlotsHardMax);
  absl::StatusOr<Probed> probed = backend_.Probe(info.name, wanted);
  if (!probed.ok()) return std::move(probed).status();
  for (const std::string& warning : probed->warnings) {
    observer_.OnWarning(warning);
  }
  if (probed->slots.empty()) {
    return absl::UnavailableError(
        absl::StrCat("device \"", info.name, "\" has no slot"));
  }
  const int num_slots = static_cast<int>(probed->slots.size());
  const DeviceIndex index = scheduler_.AddDevice(info.name, num_slots);
  pools_.push_back(std::make_unique<SlotPool>(
      info.name, std::move(probed->slots), clock_, this));
  devices_.push_back({info.name, index, pools_.back().get()});
  return absl::OkStatus();
}

void Pipeline::Start() {
  store_ = std::make_unique<ModelStore>(
      ModelLoader(backend_, devices_, scheduler_, metrics_, clock_,
                  config_.limits.load_time_max),
      scheduler_, config_, clock_, observer_);
  admission_ = std::make_unique<Admission>(
      *store_, scheduler_, budget_, config_.limits, OverloadCode(config_));
  watchdog_ =
      std::make_unique<Watchdog>(scheduler_, devices_, *store_, observer_);
  timer_ = std::make_unique<Timer>(scheduler_);
  for (const PipelineDevice& device : devices_) {
    workers_.push_back(
        std::make_unique<WorkerPool>(scheduler_, device, observer_));
  }
}

absl::Status Pipeline::WhyNotReady(const std::string& model,
                                   int64_t version) const {
  absl::Status found = store_->Find(model, version).status();
  return found.ok() ? scheduler_.WhyNotReady(model) : found;
}

bool Pipeline::Drain() {
  AwaitGrace();
  scheduler_.StartDraining();
  const bool drained = scheduler_.AwaitDrained(
      SaturatingAdd(clock_.Now(), config_.drain.deadline));
  if (!drained) scheduler_.GiveUpRuns();
  scheduler_.Close();
  return drained;
}

void Pipeline::AwaitGrace() {
  Mutex mutex;
  CondVar nobody;  // ever notifies it: only the clock ends this wait
  const TimePoint until = SaturatingAdd(clock_.Now(), config_.drain.grace);
  MutexLock lock(mutex);
  while (!clock_.WaitUntil(nobody, mutex, until)) {
  }
}

void Pipeline::Close() {
  scheduler_.Close();
  workers_.clear();
  timer_.reset();
  // Models are freed under leases, so before the pools close, and watched.
  if (store_ != nullptr) store_->Close();
  for (const std::unique_ptr<SlotPool>& pool : pools_) pool->Close();
}

void Pipeline::OnService(const std::string& device, const ServiceNews& news) {
  scheduler_.OnService(device, news);
  observer_.OnDevice(device, news);
}

void Pipeline::OnRetired(const std::string& device) { store_->Repair(device); }

}  // namespace weir
