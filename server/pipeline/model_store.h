// ModelStore: which versions of which models can answer, and how they come and
// go.
//
//   store.Load(source, [](absl::StatusOr<ModelHandle> loaded) { ... });
//   absl::StatusOr<ModelHandle> model = store.Find("unet", /*version=*/0);
//
// A version's states are drawn in observer.h. Loading happens on the repository
// thread; a load that is asked for while it is under way joins it. A new
// version warms up before it takes requests, and a failed load leaves the old
// one serving. Once the new one is ready, the old one drains: it gets no new
// requests, and its last handle, wherever that is dropped, posts it back here
// to be freed.
//
// Thread-safety: any number of threads. Answers to Load come on the repository
// thread, the watchdog or the caller's own, under no lock.
// Ownership: owns the repository thread, and a handle of each ready version.
// Outlives all handles: Close() waits for them.
// Failure: Find says NOT_FOUND or UNAVAILABLE; a look-up changes nothing.
#ifndef WEIR_SERVER_PIPELINE_MODEL_STORE_H_
#define WEIR_SERVER_PIPELINE_MODEL_STORE_H_

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "config/config.h"
#include "server/pipeline/model_loader.h"
#include "server/pipeline/model_version.h"
#include "server/pipeline/observer.h"
#include "server/pipeline/scheduler.h"
#include "sync/clock.h"
#include "sync/mutex.h"
#include "sync/thread.h"

namespace weir {

class ModelStore {
 public:
  using Loaded = absl::AnyInvocable<void(absl::StatusOr<ModelHandle>) &&>;

  struct Row {
    std::string model;
    int64_t version = 0;
    ModelState state = ModelState::kLoading;
    std::string why;  // of a failure
  };

  // All borrowed arguments outlive the store.
  ModelStore(ModelLoader loader, Scheduler& scheduler, const Config& config,
             Clock& clock, Observer& observer);
  ~ModelStore();
  ModelStore(const ModelStore&) = delete;
  ModelStore& operator=(const ModelStore&) = delete;

  // Loads the version, or answers at once with the one that is ready.
  void Load(ModelSource source, Loaded done);
  // Lets a model's versions drain. NOT_FOUND: none is ready.
  absl::Status Unload(const std::string& name);

  // The version's handle; 0 is the newest that is ready. NOT_FOUND: no such
  // model or version. UNAVAILABLE: not ready.
  absl::StatusOr<ModelHandle> Find(std::string_view name,
                                   int64_t version) const;
  std::vector<Row> List() const;

  // Has the device's retired slots repaired.
  void Repair(const std::string& device);

  // Told by the watchdog: a device call of the repository thread takes too
  // long. Fails the load that is under way, if it is late, and those behind it.
  void OnStuckUpkeep();

  // Drains all versions, waits until the last handle is gone, and frees them.
  void Close();

 private:
  struct Entry {
    ModelSource source;
    ModelState state = ModelState::kLoading;
    std::string why;
    uint64_t load = 0;   // which load it came from
    VersionId id = 0;    // what that load made
    ModelHandle handle;  // while it is ready
    std::vector<Loaded> waiters;
  };
  using Job = absl::AnyInvocable<void() &&>;
  using Key = std::pair<std::string, int64_t>;

  void Loop();
  void Post(Job job) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The steps of a load; on the repository thread.
  void RunLoad(const Key& key, uint64_t load);
  void Publish(const Key& key, uint64_t load,
               std::unique_ptr<ModelVersion> version);
  void Fail(const Key& key, uint64_t load, const absl::Status& why);
  void Free(ModelVersion* version);
  // Notes that the version of that id is gone. False: its entry is in use
  // again.
  bool Forget(const Key& key, VersionId id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Sets the state of an entry that still belongs to this load.
  bool SetState(const Key& key, uint64_t load, ModelState state);
  // Takes the handle of each other ready version of the model.
  std::vector<ModelHandle> TakeOthers(const Key& key)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Lets go of versions whose entries drain by now.
  void Drain(std::vector<ModelHandle> handles);
  VersionSpec SpecOf(const ModelVersion& version) const;

  ModelLoader loader_;
  Scheduler& scheduler_;
  const Config& config_;
  Clock& clock_;
  Observer& observer_;

  mutable Mutex mutex_;
  CondVar posted_;
  std::map<std::string, std::map<int64_t, Entry>, std::less<>> models_
      ABSL_GUARDED_BY(mutex_);
  std::deque<Job> jobs_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_load_ ABSL_GUARDED_BY(mutex_) = 0;
  // The latest end of the load under way on the repository thread; none: it
  // does something else.
  std::optional<TimePoint> under_way_until_ ABSL_GUARDED_BY(mutex_);
  int num_live_ ABSL_GUARDED_BY(mutex_) = 0;  // versions not yet freed
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  Thread thread_;  // last: it starts when all else is there
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_MODEL_STORE_H_
