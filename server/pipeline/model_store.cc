#include "server/pipeline/model_store.h"

#include "absl/strings/str_cat.h"
#include "config/client_text.h"
#include "sync/check.h"

namespace weir {
namespace {

// A load that waits for more than this many others is refused.
constexpr size_t kJobsMax = 1024;

absl::Status Fresh(const absl::Status& status) {
  return absl::Status(status.code(), status.message());
}

absl::Status NotFound(std::string_view model, int64_t version) {
  std::string text = absl::StrCat("unknown model ", Quoted(model));
  if (version != 0) absl::StrAppend(&text, ", version ", version);
  return absl::NotFoundError(text);
}

}  // namespace

ModelStore::ModelStore(ModelLoader loader, Scheduler& scheduler,
                       const Config& config, Clock& clock, Observer& observer)
    : loader_(std::move(loader)),
      scheduler_(scheduler),
      config_(config),
      clock_(clock),
      observer_(observer),
      thread_("weir-repository", [this] { Loop(); }) {}

ModelStore::~ModelStore() { Close(); }

void ModelStore::Loop() {
  for (;;) {
    Job job;
    {
      MutexLock lock(mutex_);
      while (jobs_.empty() && !(closed_ && num_live_ == 0)) {
        posted_.Wait(mutex_);
      }
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    std::move(job)();
  }
}

void ModelStore::Post(Job job) {
  jobs_.push_back(std::move(job));
  posted_.NotifyAll();
}

void ModelStore::Load(ModelSource source, Loaded done) {
  absl::StatusOr<ModelHandle> answer = ModelHandle();
  {
    MutexLock lock(mutex_);
    const Key key(source.name, source.version);
    if (source.version < 1) {
      answer = absl::InvalidArgumentError("a version is 1 or more");
    } else if (closed_) {
      answer = absl::UnavailableError("the server is shutting down");
    } else if (jobs_.size() >= kJobsMax) {
      answer = absl::ResourceExhaustedError("too many loads are waiting");
    } else {
      Entry& entry = models_[key.first][key.second];
      if (entry.handle != nullptr) {
        answer = entry.handle;
      } else if (entry.waiters.size() >= kJobsMax) {
        answer = absl::ResourceExhaustedError("too many wait for this load");
      } else {
        entry.waiters.push_back(std::move(done));
        const bool joins = entry.waiters.size() > 1;
        if (joins) return;
        entry.source = std::move(source);
        entry.state = ModelState::kLoading;
        entry.load = ++last_load_;
        Post([this, key, load = entry.load] { RunLoad(key, load); });
        return;
      }
    }
  }
  std::move(done)(std::move(answer));
}

void ModelStore::RunLoad(const Key& key, uint64_t load) {
  const TimePoint deadline =
      SaturatingAdd(clock_.Now(), config_.limits.load_time_max);
  ModelSource source;
  bool is_closed = false;
  {
    MutexLock lock(mutex_);
    const Entry& entry = models_.at(key.first).at(key.second);
    // It failed already, with one that was stuck before it.
    if (entry.load != load || entry.state == ModelState::kFailed) return;
    source = entry.source;
    is_closed = closed_;
    if (!is_closed) under_way_until_ = deadline;
  }
  if (is_closed) {
    return Fail(key, load,
                absl::UnavailableError("the server is shutting down"));
  }
  observer_.OnModelState(key.first, key.second, ModelState::kLoading,
                         absl::OkStatus());
  absl::StatusOr<std::unique_ptr<ModelVersion>> version =
      loader_.Load(source, scheduler_.NewVersionId(), deadline, [&] {
        if (SetState(key, load, ModelState::kWarmingUp)) {
          observer_.OnModelState(key.first, key.second, ModelState::kWarmingUp,
                                 absl::OkStatus());
        }
      });
  if (version.ok()) {
    Publish(key, load, *std::move(version));
  } else {
    Fail(key, load, version.status());
  }
  MutexLock lock(mutex_);
  under_way_until_.reset();
}

bool ModelStore::SetState(const Key& key, uint64_t load, ModelState state) {
  MutexLock lock(mutex_);
  Entry& entry = models_.at(key.first).at(key.second);
  if (entry.load != load || entry.state == ModelState::kFailed) return false;
  entry.state = state;
  return true;
}

VersionSpec ModelStore::SpecOf(const ModelVersion& version) const {
  const ModelConfig& config = version.config();
  VersionSpec spec;
  spec.id = version.id();
  spec.model = version.name();
  absl::StatusOr<std::vector<PipelineDevice>> devices =
      loader_.DevicesOf(config);
  WEIR_CHECK(devices.ok(), "a loaded version is on known devices");
  for (const PipelineDevice& device : *devices) {
    spec.devices.push_back(device.index);
  }
  spec.batch.rows_max = version.rows_max();
  spec.batch.look_ahead_max = config_.queue.look_ahead_max;
  if (config.batch.has_value()) spec.batch.delay_max = config.batch->delay_max;
  spec.weight = config.weight;
  spec.runs_max = version.runs_max();
  spec.requests_max = config_.queue.requests_max;
  spec.bytes_max = config_.queue.bytes_max;
  spec.run_time_max = config_.limits.run_time_max;
  return spec;
}

void ModelStore::Publish(const Key& key, uint64_t load,
                         std::unique_ptr<ModelVersion> version) {
  const VersionSpec spec = SpecOf(*version);
  // Before any handle exists: whoever finds the version may submit to it.
  scheduler_.AddVersion(spec);
  ModelHandle handle(version.release(), [this](const ModelVersion* last) {
    Free(const_cast<ModelVersion*>(last));
  });
  std::vector<Loaded> waiters;
  std::vector<ModelHandle> others;
  bool ready = false;
  {
    MutexLock lock(mutex_);
    ++num_live_;
    Entry& entry = models_.at(key.first).at(key.second);
    entry.id = spec.id;
    // It was given up as stuck, or the server closes: nobody wants it any more.
    ready =
        entry.load == load && entry.state != ModelState::kFailed && !closed_;
    if (ready) {
      entry.state = ModelState::kReady;
      entry.why.clear();
      entry.handle = handle;
      others = TakeOthers(key);
    } else if (entry.load == load && entry.state != ModelState::kFailed) {
      entry.state = ModelState::kDraining;
    }
    if (entry.load == load) waiters = std::exchange(entry.waiters, {});
  }
  if (ready) {
    observer_.OnModelState(key.first, key.second, ModelState::kReady,
                           absl::OkStatus());
  }
  Drain(std::move(others));
  for (Loaded& done : waiters) {
    if (ready) {
      std::move(done)(handle);
    } else {
      std::move(done)(absl::UnavailableError("the server is shutting down"));
    }
  }
}

void ModelStore::Fail(const Key& key, uint64_t load, const absl::Status& why) {
  std::vector<Loaded> waiters;
  {
    MutexLock lock(mutex_);
    Entry& entry = models_.at(key.first).at(key.second);
    if (entry.load != load || entry.state == ModelState::kFailed) return;
    entry.state = ModelState::kFailed;
    entry.why = std::string(why.message());
    waiters = std::exchange(entry.waiters, {});
  }
  observer_.OnModelState(key.first, key.second, ModelState::kFailed, why);
  for (Loaded& done : waiters) std::move(done)(Fresh(why));
}

void ModelStore::OnStuckUpkeep() {
  std::vector<std::pair<Key, uint64_t>> loads;
  {
    MutexLock lock(mutex_);
    // One that is in time yet began after the stuck call had ended.
    if (under_way_until_.has_value() && clock_.Now() < *under_way_until_) {
      return;
    }
    for (const auto& [name, versions] : models_) {
      for (const auto& [version, entry] : versions) {
        if (entry.waiters.empty()) continue;
        loads.emplace_back(Key(name, version), entry.load);
      }
    }
  }
  for (const auto& [key, load] : loads) {
    Fail(key, load,
         absl::DeadlineExceededError(
             "loading took longer than limits.load_time_max"));
  }
}

std::vector<ModelHandle> ModelStore::TakeOthers(const Key& key) {
  std::vector<ModelHandle> others;
  for (auto& [version, entry] : models_.at(key.first)) {
    if (version == key.second || entry.handle == nullptr) continue;
    entry.state = ModelState::kDraining;
    others.push_back(std::move(entry.handle));
  }
  return others;
}

void ModelStore::Drain(std::vector<ModelHandle> handles) {
  for (ModelHandle& handle : handles) {
    observer_.OnModelState(handle->name(), handle->version(),
                           ModelState::kDraining, absl::OkStatus());
    scheduler_.EndDelays(handle->id());
    handle.reset();  // may be the last: then it posts itself to be freed
  }
}

// On whatever thread dropped the last handle: it only posts.
void ModelStore::Free(ModelVersion* version) {
  MutexLock lock(mutex_);
  Post([this, version] {
    const Key key(version->name(), version->version());
    const VersionId id = version->id();
    scheduler_.RemoveVersion(id);
    loader_.Free(std::unique_ptr<ModelVersion>(version));
    bool is_gone = false;
    {
      MutexLock relock(mutex_);
      is_gone = Forget(key, id);
      --num_live_;
    }
    if (!is_gone) return;
    observer_.OnModelState(key.first, key.second, ModelState::kUnloaded,
                           absl::OkStatus());
  });
}

bool ModelStore::Forget(const Key& key, VersionId id) {
  std::map<int64_t, Entry>& versions = models_.at(key.first);
  const auto found = versions.find(key.second);
  // The same version may be loading again, or be ready again, by now.
  if (found == versions.end() || found->second.id != id ||
      found->second.state != ModelState::kDraining) {
    return false;
  }
  found->second.state = ModelState::kUnloaded;
  // One that another version replaced leaves no trace.
  if (versions.size() > 1) versions.erase(found);
  return true;
}

absl::Status ModelStore::Unload(const std::string& name) {
  std::vector<ModelHandle> handles;
  {
    MutexLock lock(mutex_);
    const auto model = models_.find(name);
    if (model != models_.end()) handles = TakeOthers({name, 0});
  }
  if (handles.empty()) {
    return absl::NotFoundError(
        absl::StrCat("model \"", name, "\" is not loaded"));
  }
  Drain(std::move(handles));
  return absl::OkStatus();
}

absl::StatusOr<ModelHandle> ModelStore::Find(std::string_view name,
                                             int64_t version) const {
  MutexLock lock(mutex_);
  const auto model = models_.find(name);
  if (model == models_.end()) return NotFound(name, version);
  const std::map<int64_t, Entry>& versions = model->second;
  if (version != 0) {
    const auto found = versions.find(version);
    if (found == versions.end()) return NotFound(name, version);
    if (found->second.handle != nullptr) return found->second.handle;
  } else {
    for (auto row = versions.rbegin(); row != versions.rend(); ++row) {
      if (row->second.handle != nullptr) return row->second.handle;
    }
  }
  return absl::UnavailableError(
      absl::StrCat("model \"", model->first, "\" is not ready"));
}

std::vector<ModelStore::Row> ModelStore::List() const {
  MutexLock lock(mutex_);
  std::vector<Row> rows;
  for (const auto& [name, versions] : models_) {
    for (const auto& [version, entry] : versions) {
      rows.push_back({name, version, entry.state, entry.why});
    }
  }
  return rows;
}

void ModelStore::Repair(const std::string& device) {
  MutexLock lock(mutex_);
  if (closed_) return;
  Post([this, device] { loader_.Repair(device); });
}

void ModelStore::Close() {
  std::vector<ModelHandle> handles;
  {
    MutexLock lock(mutex_);
    closed_ = true;
    for (const auto& [name, versions] : models_) {
      for (ModelHandle& handle : TakeOthers({name, 0})) {
        handles.push_back(std::move(handle));
      }
    }
    posted_.NotifyAll();
  }
  Drain(std::move(handles));
  thread_.Join();
}

}  // namespace weir
