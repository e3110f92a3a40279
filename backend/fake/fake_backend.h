// FakeBackend: a Backend without hardware whose models do what a test scripts,
// compute real answers, and notice when they are used wrongly.
//
//   SimulatedClock clock;
//   FakeBackend backend({.devices = {{.name = "fake:0", .num_streams = 4}}},
//                       clock);
//   backend.Script("slow", {.gate = "hold"});
//   SlotPool pool("fake:0", std::move(backend.Probe("fake:0", 4)->slots),
//                 clock, nullptr);
//   auto file = backend.Read({.name = "slow", .config = config});
//   auto model = backend.Load(*pool.TryAcquire(-1), **file);
//   ...                                      // a worker runs it
//   backend.Gate("hold").AwaitInside(1);     // it is in its run now
//   backend.Gate("hold").Open();
//
// A model's script is the one given under its name, else the one that lies in
// its ModelConfig::backend_options. It applies to models read after it was
// given. Every step is logged with its slot and thread; every wait but a gate's
// is on the given clock.
//
// Thread-safety: any thread, as Backend.
// Ownership: borrows the clock; outlives its slots and models (checked).
// Failure: as scripted. It dies, with a message, when a slot is used by two at
// once or re-used with work in its queue, when a lease is of another device,
// and when a model is freed twice or run after that.
#ifndef WEIR_BACKEND_FAKE_FAKE_BACKEND_H_
#define WEIR_BACKEND_FAKE_FAKE_BACKEND_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/backend.h"
#include "backend/fake/fake_device.h"
#include "backend/fake/fake_gate.h"
#include "backend/fake/fake_log.h"
#include "backend/fake/fake_model.h"
#include "backend/fake/fake_script.h"
#include "sync/clock.h"
#include "sync/mutex.h"

namespace weir {

class FakeBackend final : public Backend {
 public:
  using DeviceOptions = FakeDeviceOptions;
  struct Options {
    std::vector<DeviceOptions> devices = {{.name = "fake:0"},
                                          {.name = "fake:1"}};
    // Steps that Log() keeps; 0 logs nothing.
    size_t log_steps_max = 65536;
  };

  FakeBackend(const Options& options, Clock& clock);
  ~FakeBackend() override;

  std::string name() const override { return "fake"; }
  std::vector<std::string> Facts() const override {
    return {"a scripted backend, for tests"};
  }
  bool needs_files() const override { return false; }
  std::vector<DeviceInfo> Devices() const override;
  using Backend::Probe;
  absl::StatusOr<Probed> Probe(const std::string& device, int slots_max,
                               absl::FunctionRef<void(int)> found) override;
  absl::StatusOr<std::unique_ptr<ModelFile>> Read(
      const ModelSource& source) override;
  absl::StatusOr<std::unique_ptr<Model>> Load(SlotLease& lease,
                                              ModelFile& file) override;
  void EmptyCache(SlotLease& lease) override;
  DeviceMemory Memory(const std::string& device) const override;
  absl::Status Revive(SlotLease& lease) override;

  // Gives the script of the models of that name that are read from now on.
  void Script(const std::string& model, const FakeScript& script);
  // The gate of that name; a new one is closed.
  FakeGate& Gate(const std::string& name);
  // Lets the next `count` revivals of the device fail. REQUIRES: it exists.
  void FailRevives(const std::string& device, int count);

  std::vector<FakeStep> Log() const { return log_.Read(); }
  // Models not yet destroyed, Free called or not.
  int64_t LiveModels() const { return counts_.live_models; }
  int64_t FreeCount() const { return counts_.frees; }
  // Models destroyed without Free, as is right on a lost device alone.
  int64_t DropCount() const { return counts_.drops; }
  int64_t RunCount() const { return counts_.runs; }

 private:
  const FakeDevice* Find(const std::string& device) const;
  FakeDevice* Find(const std::string& device);
  // Plays what a probe meets past the last stream; gives it as a sentence.
  absl::StatusOr<std::string> PassLastStream(const FakeDevice& device,
                                             int slots_max);
  // The device of a lease. REQUIRES: it is one of this backend's.
  FakeDevice& DeviceOf(const SlotLease& lease);
  void Note(FakeStage stage, const SlotLease& lease, const FakeModelFile* file);
  absl::StatusOr<FakeScript> ScriptOf(const ModelSource& source) const;
  int64_t CountLoad(const std::string& model);

  Clock& clock_;
  FakeLog log_;
  FakeCounts counts_;
  const std::vector<std::unique_ptr<FakeDevice>> devices_;

  mutable Mutex mutex_;
  std::map<std::string, FakeScript> scripts_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::unique_ptr<FakeGate>> gates_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> loads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_BACKEND_FAKE_FAKE_BACKEND_H_
