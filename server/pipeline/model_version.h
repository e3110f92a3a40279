// ModelVersion: one loaded version of a model, on each device it names.
//
//   ModelHandle model = *store.Find("unet", /*version=*/0);
//   Model& on_device = model->On(lease.slot().device());
//
// Immutable from the moment it is published, but for what is counted. Whoever
// holds a handle keeps it loaded; the last handle posts it to the repository
// thread, which frees it under a lease. So a handle may be dropped anywhere,
// but not under a lock.
//
// Thread-safety: any number of threads.
// Ownership: owns the models, their series and statistics.
// Failure: On() a device that it is not on is a failed check: the scheduler
// offers a version only to the devices it was added with.
#ifndef WEIR_SERVER_PIPELINE_MODEL_VERSION_H_
#define WEIR_SERVER_PIPELINE_MODEL_VERSION_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backend/backend.h"
#include "backend/model.h"
#include "server/pipeline/run_table.h"
#include "server/pipeline/version_statistics.h"
#include "server/telemetry/metrics.h"
#include "sync/check.h"

namespace weir {

class ModelVersion {
 public:
  struct Placed {
    std::string device;
    std::unique_ptr<Model> model;
  };

  // REQUIRES: placed on one device at least.
  ModelVersion(ModelSource source, VersionId id, std::vector<Placed> placed,
               std::unique_ptr<VersionSeries> series)
      : source_(std::move(source)),
        id_(id),
        placed_(std::move(placed)),
        series_(std::move(series)) {
    WEIR_CHECK(!placed_.empty(), "a version is on a device");
  }

  const std::string& name() const { return source_.name; }
  int64_t version() const { return source_.version; }
  VersionId id() const { return id_; }
  const ModelConfig& config() const { return source_.config; }
  const ModelSignature& signature() const {
    return placed_.front().model->signature();
  }
  // 0: every request runs alone. A model without declared inputs is never
  // batched, for nobody knows which dimension its rows are.
  int64_t rows_max() const {
    const bool batches =
        source_.config.batch.has_value() && !signature().inputs.empty();
    return batches ? source_.config.batch->rows_max : 0;
  }
  // At once on each device: the lower of what model.yaml allows and what the
  // model bears. 0: as many as the device has slots.
  int runs_max() const {
    const int declared = source_.config.runs_max.value_or(0);
    const int bearable = signature().runs_max;
    if (declared == 0 || bearable == 0) return std::max(declared, bearable);
    return std::min(declared, bearable);
  }
  bool stateful() const {
    return source_.config.stateful || signature().stateful;
  }
  const VersionSeries& series() const { return *series_; }
  VersionStatistics& statistics() const { return statistics_; }

  Model& On(std::string_view device) const {
    for (const Placed& placed : placed_) {
      if (placed.device == device) return *placed.model;
    }
    internal::CheckFailed(__FILE__, __LINE__, "no such device",
                          "a version runs on its own devices");
  }

  // For the repository thread, which takes it apart.
  std::vector<Placed>& placed() { return placed_; }

 private:
  const ModelSource source_;
  const VersionId id_;
  std::vector<Placed> placed_;
  const std::unique_ptr<VersionSeries> series_;
  // Counted by whoever holds a handle.
  mutable VersionStatistics statistics_;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_MODEL_VERSION_H_
