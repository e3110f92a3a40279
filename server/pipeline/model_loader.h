// ModelLoader: what happens to a model on its devices outside of requests: it
// is read, loaded, warmed up and freed, and slots are repaired.
//
//   absl::StatusOr<std::unique_ptr<ModelVersion>> loaded =
//       loader.Load(source, version_id, deadline, [] { ... });
//
// Every device call holds a lease, one for each step, and is watched: a step
// that takes past the deadline loses its slot like a run does. Files are read
// under no lease.
//
// Thread-safety: the repository thread alone (ModelStore).
// Ownership: borrows all it is given, which outlives it.
// Failure: a failed load leaves nothing behind on any device.
#ifndef WEIR_SERVER_PIPELINE_MODEL_LOADER_H_
#define WEIR_SERVER_PIPELINE_MODEL_LOADER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "backend/slot_pool.h"
#include "server/pipeline/model_version.h"
#include "server/pipeline/scheduler.h"
#include "server/telemetry/metrics.h"
#include "sync/clock.h"

namespace weir {

// A device as the pipeline knows it.
struct PipelineDevice {
  std::string name;
  DeviceIndex index = 0;
  SlotPool* slots = nullptr;  // borrowed
};

class ModelLoader {
 public:
  // `upkeep_time_max` bounds each free and each repair. REQUIRES: one device at
  // least; the first is what `device: auto` means.
  ModelLoader(Backend& backend, std::vector<PipelineDevice> devices,
              Scheduler& scheduler, Metrics& metrics, Clock& clock,
              Duration upkeep_time_max)
      : backend_(backend),
        devices_(std::move(devices)),
        scheduler_(scheduler),
        metrics_(metrics),
        clock_(clock),
        upkeep_time_max_(upkeep_time_max) {}

  // Calls `on_warm_up` once the model is on all its devices.
  absl::StatusOr<std::unique_ptr<ModelVersion>> Load(
      const ModelSource& source, VersionId id, TimePoint deadline,
      absl::FunctionRef<void()> on_warm_up);

  // Frees the version on each device that is not lost. On one whose slots are
  // all stuck it is dropped.
  void Free(std::unique_ptr<ModelVersion> version);

  // Tries once to bring each retired slot back. A device that has no slot left
  // is lost if that fails.
  void Repair(const std::string& device);

  // The devices that a model's configuration names. NOT_FOUND: one is unknown.
  absl::StatusOr<std::vector<PipelineDevice>> DevicesOf(
      const ModelConfig& config) const;

 private:
  using Placed = ModelVersion::Placed;

  absl::StatusOr<std::unique_ptr<Model>> LoadOn(const PipelineDevice& device,
                                                ModelFile& file,
                                                TimePoint deadline);
  absl::Status WarmUp(const PipelineDevice& device, Model& model, int64_t rows,
                      TimePoint deadline);
  absl::Status WarmUpAll(const ModelSource& source,
                         const std::vector<PipelineDevice>& devices,
                         std::vector<Placed>& placed, TimePoint deadline);
  void FreeOn(const PipelineDevice& device, std::unique_ptr<Model> model);
  void FreeAll(std::vector<Placed>& placed);
  bool IsLate(TimePoint deadline) const { return clock_.Now() >= deadline; }
  TimePoint UpkeepDeadline() const {
    return SaturatingAdd(clock_.Now(), upkeep_time_max_);
  }
  const PipelineDevice* Find(const std::string& name) const;

  Backend& backend_;
  const std::vector<PipelineDevice> devices_;
  Scheduler& scheduler_;
  Metrics& metrics_;
  Clock& clock_;
  const Duration upkeep_time_max_;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_MODEL_LOADER_H_
