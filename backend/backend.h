// Backend: an engine that has devices, makes slots and loads models.
//
//   for (const DeviceInfo& device : backend.Devices()) {
//     absl::StatusOr<Probed> probed = backend.Probe(device.name, 4);
//     ...                              // SlotPool takes probed->slots
//   }
//   absl::StatusOr<std::unique_ptr<ModelFile>> file = backend.Read(source);
//   absl::StatusOr<std::unique_ptr<Model>> model = backend.Load(lease, **file);
//
// Settings go in as values (BackendSettings), warnings come out as values: a
// backend neither logs nor reads the environment.
//
// Thread-safety: any thread; calls that take a lease run at once on different
// slots.
// Ownership: a backend outlives its slots and models.
// Failure: statuses; a call that takes a lease returns with the slot's queue
// empty. No method throws.
#ifndef WEIR_BACKEND_BACKEND_H_
#define WEIR_BACKEND_BACKEND_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "backend/model.h"
#include "backend/slot.h"
#include "backend/slot_lease.h"
#include "config/config.h"
#include "config/model_config.h"
#include "sync/clock.h"

namespace weir {

struct DeviceInfo {
  std::string name;       // "cpu", "cuda:0"
  int slots_default = 1;  // where the configuration says `slots: auto`
  // Runs go to streams of a device apart from the CPU. Whether it bears several
  // at once is for a self-test to say (backend/self_test_child.h).
  bool has_streams = false;
};

// Whether a configuration that says `configured` means the device `name`:
// "auto" means any, and a kind of device the first one of it.
inline bool MeansDevice(absl::string_view configured, absl::string_view name) {
  if (configured == "auto" || configured == name) return true;
  return absl::ConsumeSuffix(&name, ":0") && configured == name;
}

// What a probe found: as many slots as the device has distinct streams, at most
// as many as asked for.
struct Probed {
  std::vector<std::unique_ptr<Slot>> slots;
  // One sentence each, for the operator; why there are fewer than asked for.
  std::vector<std::string> warnings;
};

// Where a model comes from.
struct ModelSource {
  std::string name = {};
  int64_t version = 1;
  std::string path = {};  // of the model's file; empty for scripted models
  ModelConfig config = {};
};

// A model that was read and checked but is not on a device yet.
class ModelFile {
 public:
  virtual ~ModelFile() = default;
};

// What a device's allocator says of its memory.
struct DeviceMemory {
  int64_t allocated_bytes = 0;  // by models and running batches
  int64_t reserved_bytes = 0;   // that, and what is kept for later

  bool operator==(const DeviceMemory&) const = default;
};

struct BackendSettings {
  Clock* clock = nullptr;  // outlives the backend
  // Its module and environment are no longer of interest here.
  BackendConfig config = {};
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual std::string name() const = 0;
  // What it is made of, for the log and a report of a fault: one sentence each,
  // such as the release of a library and where it was loaded from.
  virtual std::vector<std::string> Facts() const { return {}; }
  virtual std::vector<DeviceInfo> Devices() const = 0;

  // Whether a model is a file; where not, its configuration alone is one.
  virtual bool needs_files() const { return true; }

  // Makes the device's slots: min(slots_max, distinct streams). Called once a
  // device, before any other call for it. `found` is told how many there are
  // as each is made, for making the next one may never return. NOT_FOUND: no
  // such device. REQUIRES: slots_max >= 1.
  virtual absl::StatusOr<Probed> Probe(
      const std::string& device, int slots_max,
      absl::FunctionRef<void(int num_found)> found) = 0;
  absl::StatusOr<Probed> Probe(const std::string& device, int slots_max) {
    return Probe(device, slots_max, [](int) {});
  }

  // Reads and checks a model's file; makes no device call and needs no lease.
  virtual absl::StatusOr<std::unique_ptr<ModelFile>> Read(
      const ModelSource& source) = 0;

  // Puts a model on the lease's device.
  virtual absl::StatusOr<std::unique_ptr<Model>> Load(SlotLease& lease,
                                                      ModelFile& file) = 0;

  // Gives memory that the device's allocator keeps back to the device.
  virtual void EmptyCache(SlotLease& lease) = 0;

  // The device's memory as its allocator counts it; makes no device call.
  // Zeros where the device is unknown or nothing is counted.
  virtual DeviceMemory Memory(const std::string& device) const = 0;

  // Makes a slot that was retired usable again, its device's models included;
  // an error leaves it retired.
  virtual absl::Status Revive(SlotLease& lease) = 0;
};

}  // namespace weir

#endif  // WEIR_BACKEND_BACKEND_H_
