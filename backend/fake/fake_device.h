// FakeDevice, FakeSlot and FakeSlotUse: a device with streams that notices when
// it is used wrongly.
//
//   FakeSlotUse use(device, lease);   // dies if the slot is in use already
//   use.Enqueue();                    // work is in flight on the stream
//   use.Synchronize();                // until here
//
// What is used wrongly dies at once, with a message: a slot in use by two, a
// slot whose queue is not empty when its next use begins, a lease of another
// device.
//
// Thread-safety: a device any thread; a slot is guarded by its lease, and its
// plain members let ThreadSanitizer see it when that fails.
// Ownership: a use borrows the device and the lease; its end leaves the slot's
// queue empty, by an exception too.
// Failure: dies.
#ifndef WEIR_BACKEND_FAKE_FAKE_DEVICE_H_
#define WEIR_BACKEND_FAKE_FAKE_DEVICE_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "backend/backend.h"
#include "backend/slot_lease.h"
#include "sync/check.h"
#include "sync/mutex.h"

namespace weir {

class FakeSlot final : public Slot {
 public:
  FakeSlot(const std::string& device, int index)
      : Slot(device, index, absl::StrCat(device, "/stream", index)) {}

  bool broken() const { return broken_; }
  void set_broken(bool broken) { broken_ = broken; }

 private:
  friend class FakeSlotUse;
  std::atomic<bool> in_use_ = false;
  int num_queued_ = 0;
  bool broken_ = false;
};

// What a probe meets that asks for more streams than there are.
enum class FakeProbeEnd {
  kRepeats,  // the first stream again
  kThrows,   // an exception, which the backend catches
  kBlocks,   // nothing, until the gate "probe" opens
  kAborts,   // the end of the process
};

struct FakeDeviceOptions {
  std::string name = "fake:0";
  int num_streams = 32;  // distinct ones; a probe finds no more
  FakeProbeEnd probe_end = FakeProbeEnd::kRepeats;
  int slots_default = 2;
};

class FakeDevice {
 public:
  explicit FakeDevice(FakeDeviceOptions options)
      : options_(std::move(options)) {}

  const std::string& name() const { return options_.name; }
  int num_streams() const { return options_.num_streams; }
  FakeProbeEnd probe_end() const { return options_.probe_end; }
  int slots_default() const { return options_.slots_default; }

  // True the first time.
  bool BeginProbe() { return !probed_.exchange(true); }

  bool lost() const {
    MutexLock lock(mutex_);
    return lost_;
  }
  void Lose() {
    MutexLock lock(mutex_);
    lost_ = true;
  }
  void FailRevives(int count) {
    MutexLock lock(mutex_);
    revives_to_fail_ = count;
  }
  // Counts the runs on the device, for scripts that cannot bear several.
  int BeginRun() { return ++num_running_; }
  void EndRun() { --num_running_; }
  int num_running() const { return num_running_; }

  // Brings the device back, unless this call is to fail.
  bool Revive() {
    MutexLock lock(mutex_);
    if (revives_to_fail_ > 0) {
      --revives_to_fail_;
      return false;
    }
    lost_ = false;
    return true;
  }

  // Counts what models hold, and what the allocator keeps of runs gone by.
  void Allocate(int64_t bytes) {
    MutexLock lock(mutex_);
    memory_.allocated_bytes += bytes;
    memory_.reserved_bytes += bytes;
  }
  void Free(int64_t bytes) {
    MutexLock lock(mutex_);
    memory_.allocated_bytes -= bytes;
  }
  void Stage(int64_t bytes) {
    MutexLock lock(mutex_);
    memory_.reserved_bytes =
        std::max(memory_.reserved_bytes, memory_.allocated_bytes + bytes);
  }
  void EmptyCache() {
    MutexLock lock(mutex_);
    memory_.reserved_bytes = memory_.allocated_bytes;
  }
  DeviceMemory memory() const {
    MutexLock lock(mutex_);
    return memory_;
  }

 private:
  const FakeDeviceOptions options_;
  std::atomic<bool> probed_ = false;
  // Sequentially consistent: of two runs at once, the later sees both.
  std::atomic<int> num_running_ = 0;
  mutable Mutex mutex_;
  bool lost_ ABSL_GUARDED_BY(mutex_) = false;
  int revives_to_fail_ ABSL_GUARDED_BY(mutex_) = 0;
  DeviceMemory memory_ ABSL_GUARDED_BY(mutex_);
};

// One use of a slot, for the time of one call that holds its lease.
class FakeSlotUse {
 public:
  FakeSlotUse(const FakeDevice& device, const SlotLease& lease)
      : slot_(dynamic_cast<FakeSlot*>(&lease.slot())) {
    WEIR_CHECK(slot_ != nullptr && slot_->device() == device.name(),
               "a call holds a lease of its model's device");
    WEIR_CHECK(!slot_->in_use_.exchange(true, std::memory_order_relaxed),
               "a slot is used by one at a time");
    WEIR_CHECK(slot_->num_queued_ == 0,
               "a slot's queue is empty when its next use begins");
  }
  ~FakeSlotUse() {
    if (!leaves_work_) Synchronize();
    slot_->in_use_.store(false, std::memory_order_relaxed);
  }
  FakeSlotUse(const FakeSlotUse&) = delete;
  FakeSlotUse& operator=(const FakeSlotUse&) = delete;

  FakeSlot& slot() const { return *slot_; }
  void Enqueue() { ++slot_->num_queued_; }
  void Synchronize() { slot_->num_queued_ = 0; }
  // What a backend must never do: end the use with work in flight.
  void LeaveWork() {
    Enqueue();
    leaves_work_ = true;
  }

 private:
  FakeSlot* const slot_;
  bool leaves_work_ = false;
};

}  // namespace weir

#endif  // WEIR_BACKEND_FAKE_FAKE_DEVICE_H_
