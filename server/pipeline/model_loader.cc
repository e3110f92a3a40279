#include "server/pipeline/model_loader.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sync/check.h"

#if defined(__GLIBC__)
#include <malloc.h>
#elif defined(__APPLE__)
#include <malloc/malloc.h>
#endif

namespace weir {
namespace {

// A lease whose use the watchdog watches.
class Upkeep {
 public:
  Upkeep(Scheduler& scheduler, const PipelineDevice& device,
         const SlotLease& lease, TimePoint deadline)
      : scheduler_(scheduler),
        run_(scheduler.StartUpkeep(device.index, lease, deadline)) {}
  ~Upkeep() { End(); }
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

  // False: it took too long, and the slot was given up.
  bool End() {
    if (run_ != 0) in_time_ = scheduler_.FinishUpkeep(std::exchange(run_, 0));
    return in_time_;
  }

 private:
  Scheduler& scheduler_;
  RunId run_;
  bool in_time_ = true;
};

absl::Status TookTooLong() {
  return absl::DeadlineExceededError(
      "loading took longer than limits.load_time_max");
}

// An input of a warm-up run is no larger.
constexpr int64_t kWarmUpBytesMax = kGibibyte;

Shape WarmUpShape(const TensorSpec& spec, int64_t rows) {
  Shape shape = spec.shape;
  for (int64_t& dimension : shape) dimension = dimension < 0 ? 1 : dimension;
  if (!shape.empty() && spec.shape[0] < 0) shape[0] = rows;
  return shape;
}

NamedTensor Zeros(const TensorSpec& spec, const Shape& shape) {
  auto [tensor, data] = Tensor::Allocate(spec.type, shape);
  std::memset(data, 0, static_cast<size_t>(tensor.size_bytes()));
  return {spec.name, std::move(tensor)};
}

// Memory of a model that is gone goes back to the system.
void TrimHeap() {
#if defined(__GLIBC__)
  malloc_trim(0);
#elif defined(__APPLE__)
  malloc_zone_pressure_relief(nullptr, 0);  // all zones, as much as there is
#endif
}

}  // namespace

const PipelineDevice* ModelLoader::Find(const std::string& name) const {
  for (const PipelineDevice& device : devices_) {
    if (MeansDevice(name, device.name)) return &device;
  }
  return nullptr;
}

absl::StatusOr<std::vector<PipelineDevice>> ModelLoader::DevicesOf(
    const ModelConfig& config) const {
  std::vector<PipelineDevice> devices;
  for (const std::string& name : config.devices) {
    const PipelineDevice* device = Find(name);
    if (device == nullptr) {
      return absl::NotFoundError(
          absl::StrCat("device \"", name, "\" is not configured"));
    }
    const bool is_named = std::any_of(devices.begin(), devices.end(),
                                      [&](const PipelineDevice& other) {
                                        return other.index == device->index;
                                      });
    if (!is_named) devices.push_back(*device);
  }
  return devices;
}

absl::StatusOr<std::unique_ptr<ModelVersion>> ModelLoader::Load(
    const ModelSource& source, VersionId id, TimePoint deadline,
    absl::FunctionRef<void()> on_warm_up) {
  absl::StatusOr<std::vector<PipelineDevice>> devices =
      DevicesOf(source.config);
  if (!devices.ok()) return std::move(devices).status();
  absl::StatusOr<std::unique_ptr<ModelFile>> file = backend_.Read(source);
  if (!file.ok()) return std::move(file).status();
  if (IsLate(deadline)) return TookTooLong();
  std::vector<Placed> placed;
  absl::Status status;
  for (const PipelineDevice& device : *devices) {
    absl::StatusOr<std::unique_ptr<Model>> model =
        LoadOn(device, **file, deadline);
    if (!model.ok()) {
      status = std::move(model).status();
      break;
    }
    placed.push_back({device.name, *std::move(model)});
  }
  if (status.ok()) {
    on_warm_up();
    status = WarmUpAll(source, *devices, placed, deadline);
  }
  if (!status.ok()) {
    FreeAll(placed);
    return status;
  }
  return std::make_unique<ModelVersion>(
      source, id, std::move(placed),
      metrics_.MakeVersionSeries(source.name, source.version));
}

absl::StatusOr<std::unique_ptr<Model>> ModelLoader::LoadOn(
    const PipelineDevice& device, ModelFile& file, TimePoint deadline) {
  absl::StatusOr<SlotLease> lease = device.slots->Acquire(-1, deadline);
  if (!lease.ok()) return std::move(lease).status();
  // Never claimed for what was late before: no slot is to blame.
  if (IsLate(deadline)) return TookTooLong();
  Upkeep upkeep(scheduler_, device, *lease, deadline);
  absl::StatusOr<std::unique_ptr<Model>> model = backend_.Load(*lease, file);
  if (upkeep.End()) return model;
  if (model.ok()) (*model)->Free(*lease);
  return TookTooLong();
}

absl::Status ModelLoader::WarmUpAll(const ModelSource& source,
                                    const std::vector<PipelineDevice>& devices,
                                    std::vector<Placed>& placed,
                                    TimePoint deadline) {
  for (size_t i = 0; i < placed.size(); ++i) {
    for (const int rows : source.config.warm_up) {
      absl::Status status =
          WarmUp(devices[i], *placed[i].model, rows, deadline);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status ModelLoader::WarmUp(const PipelineDevice& device, Model& model,
                                 int64_t rows, TimePoint deadline) {
  std::vector<NamedTensor> inputs;
  for (const TensorSpec& spec : model.signature().inputs) {
    if (spec.type == DataType::kBytes) return absl::OkStatus();
    const Shape shape = WarmUpShape(spec, rows);
    const std::optional<int64_t> size = SizeInBytes(spec.type, shape);
    if (!size.has_value() || *size > kWarmUpBytesMax) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input \"", spec.name, "\" is too large to warm up with"));
    }
    inputs.push_back(Zeros(spec, shape));
  }
  if (inputs.empty()) return absl::OkStatus();  // nobody knows its shapes
  absl::StatusOr<SlotLease> lease = device.slots->Acquire(-1, deadline);
  if (!lease.ok()) return std::move(lease).status();
  if (IsLate(deadline)) return TookTooLong();
  Upkeep upkeep(scheduler_, device, *lease, deadline);
  const std::atomic<bool> stop = false;
  RunResult result = model.Run(*lease, BatchInputs{{inputs}, rows},
                               RunContext{deadline, &stop, "warm-up"});
  if (result.fault.has_value()) device.slots->Report(*lease, *result.fault);
  const bool in_time = upkeep.End();
  lease->Release(result.stats);
  if (!in_time) return TookTooLong();
  return std::move(result.outputs).status();
}

void ModelLoader::FreeOn(const PipelineDevice& device,
                         std::unique_ptr<Model> model) {
  absl::StatusOr<SlotLease> lease = device.slots->Acquire(-1, kNever);
  // A slot that is out of service will do to free a model.
  if (!lease.ok() && !device.slots->service().lost) {
    lease = device.slots->AcquireRetired();
  }
  // A device that is lost has taken the model's memory with it.
  if (!lease.ok()) return;
  Upkeep upkeep(scheduler_, device, *lease, UpkeepDeadline());
  model->Free(*lease);
  model.reset();
  backend_.EmptyCache(*lease);
}

void ModelLoader::FreeAll(std::vector<Placed>& placed) {
  for (Placed& one : placed) {
    const PipelineDevice* device = Find(one.device);
    WEIR_CHECK(device != nullptr, "a model is on a device of ours");
    FreeOn(*device, std::move(one.model));
  }
  placed.clear();
}

void ModelLoader::Free(std::unique_ptr<ModelVersion> version) {
  FreeAll(version->placed());
  version.reset();
  TrimHeap();
}

void ModelLoader::Repair(const std::string& name) {
  const PipelineDevice* device = Find(name);
  WEIR_CHECK(device != nullptr, "a repaired device is one of ours");
  SlotPool& slots = *device->slots;
  for (int tries = slots.num_slots(); tries > 0; --tries) {
    absl::StatusOr<SlotLease> lease = slots.AcquireRetired();
    if (!lease.ok()) return;
    absl::Status revived;
    {
      Upkeep upkeep(scheduler_, *device, *lease, UpkeepDeadline());
      revived = backend_.Revive(*lease);
    }
    if (revived.ok()) {
      slots.ReturnToService(*std::move(lease));
      continue;
    }
    if (slots.service().in_service == 0) slots.Report(*lease, Fault::kDevice);
    return;
  }
}

}  // namespace weir
