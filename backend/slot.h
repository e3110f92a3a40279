// Slot: one place where one thing runs at a time: a device and a stream of it.
//
// The backend makes the slots of a device once (Backend::Probe) and derives
// from Slot to hang its stream on it. From then on a slot is reached through a
// SlotLease alone, so whoever can name a slot is its only user.
//
// Thread-safety: immutable; what a backend adds is guarded by the lease.
// Ownership: owned by its device's SlotPool.
// Failure: none.
#ifndef WEIR_BACKEND_SLOT_H_
#define WEIR_BACKEND_SLOT_H_

#include <cstdint>
#include <string>
#include <utility>

#include "sync/clock.h"

namespace weir {

class Slot {
 public:
  // `device` as in the configuration ("cuda:0"), `index` counts from 0 within
  // the device, `stream` is the backend's name for what lies behind it.
  Slot(std::string device, int index, std::string stream)
      : device_(std::move(device)), index_(index), stream_(std::move(stream)) {}
  virtual ~Slot() = default;
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  const std::string& device() const { return device_; }
  int index() const { return index_; }
  const std::string& stream() const { return stream_; }

 private:
  const std::string device_;
  const int index_;
  const std::string stream_;
};

// What stops working when a run goes wrong beyond its own request.
enum class Fault {
  kSlot,    // this slot; the device's others go on
  kDevice,  // the whole device
};

// What one use of a slot did. Zero rows: the lease was given back unused.
struct RunStats {
  Duration gather{0};
  Duration run{0};
  int64_t rows = 0;     // of the batch, failed or not
  bool failed = false;  // there are no outputs
};

}  // namespace weir

#endif  // WEIR_BACKEND_SLOT_H_
