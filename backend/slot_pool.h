// SlotPool: the leases of one device's slots.
//
//   SlotPool pool("cpu", std::move(probed->slots), clock, observer);
//   absl::StatusOr<SlotLease> lease = pool.Acquire(last_slot, deadline);
//   if (!lease.ok()) return lease.status();   // see Failure
//   last_slot = lease->slot().index();
//
// A slot is never held by two leases, and there are never more leases than
// slots. Waiters are served in the order they came; a release hands its slot
// straight to the first of them and wakes that one thread, nobody else. When a
// hand-off races a waiter's time-out, the hand-off wins.
//
// `hint` is the slot that the caller used last: libraries keep memory for each
// pair of thread and stream that ever met, so a thread that stays with its slot
// costs a fraction of one that wanders.
//
// Thread-safety: any number of threads.
// Ownership: owns the slots; outlives its leases and its waiters (checked).
// Failure: CANCELLED after Close(), DEADLINE_EXCEEDED at the deadline,
// UNAVAILABLE while no slot is in service.
#ifndef WEIR_BACKEND_SLOT_POOL_H_
#define WEIR_BACKEND_SLOT_POOL_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "backend/slot.h"
#include "backend/slot_lease.h"
#include "backend/slot_pool_state.h"
#include "sync/clock.h"
#include "sync/mutex.h"

namespace weir {

// Told what happens to a pool's slots, never under its lock. News may overtake
// each other: their numbers tell the order.
class SlotPoolObserver {
 public:
  virtual ~SlotPoolObserver() = default;
  // The number of slots in service changed.
  virtual void OnService(const std::string& device,
                         const ServiceNews& news) = 0;
  // A slot that is out of service was given back, so it can be repaired.
  virtual void OnRetired(const std::string& device) = 0;
};

class SlotPool {
 public:
  struct Snapshot {
    std::vector<SlotCounters> slots;
    int num_leased = 0;
    int num_waiters = 0;
    ServiceNews service;
  };

  // REQUIRES: at least one slot, numbered from 0. `clock` and `observer`
  // outlive the pool; `observer` may be null.
  SlotPool(std::string device, std::vector<std::unique_ptr<Slot>> slots,
           Clock& clock, SlotPoolObserver* observer);
  ~SlotPool();
  SlotPool(const SlotPool&) = delete;
  SlotPool& operator=(const SlotPool&) = delete;

  // Waits for a slot until `deadline`. A hint that names no slot is ignored.
  // `before_waiting` is called, under no lock, only if there is none at once.
  absl::StatusOr<SlotLease> Acquire(
      int hint, TimePoint deadline,
      absl::FunctionRef<void()> before_waiting = [] {});

  // Takes a slot if one is free now. RESOURCE_EXHAUSTED: none is.
  absl::StatusOr<SlotLease> TryAcquire(int hint);

  // Takes the lease's slot, or the whole device, out of service. The lease
  // stays with its owner; its Release puts nothing back.
  void Report(const SlotLease& lease, Fault fault);
  // The same by ticket, for the watchdog, who holds no lease. Does nothing
  // where that lease has ended.
  void Report(LeaseTicket ticket, Fault fault);

  // A lease of a retired slot, for Backend::Revive. NOT_FOUND: none is retired;
  // a slot whose run has not returned is not.
  absl::StatusOr<SlotLease> AcquireRetired();
  // Ends such a lease: the slot is back in service. False where the device was
  // lost meanwhile: the slot stays retired.
  bool ReturnToService(SlotLease lease);

  // Ends every wait and refuses new ones. Leases held stay valid.
  void Close();

  Snapshot Read() const;
  ServiceNews service() const;
  int num_slots() const { return static_cast<int>(slots_.size()); }
  const std::string& device() const { return device_; }
  // The backend's name for what lies behind the slot.
  const std::string& stream(int slot) const {
    return slots_[static_cast<size_t>(slot)]->stream();
  }

 private:
  friend class SlotLease;
  struct Waiter {
    CondVar woken;
    SlotGrant grant;         // a ticket of 0: none yet
    bool dismissed = false;  // it left the line with the others
  };

  void Release(LeaseTicket ticket, const RunStats& stats);
  void Apply(const SlotPoolState::Change& change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DismissAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // A free slot, unless closed.
  std::optional<SlotGrant> TryGrant(int hint)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<SlotGrant> AwaitGrant(TimePoint deadline)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // OK, or why no slot can be had however long one waits.
  absl::Status WhyNot() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Dismissed() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  SlotLease Lease(SlotGrant grant) {
    return SlotLease(this, slots_[static_cast<size_t>(grant.slot)].get(),
                     grant.ticket);
  }
  void Tell(const SlotPoolState::Change& change);

  const std::string device_;
  const std::vector<std::unique_ptr<Slot>> slots_;
  Clock& clock_;
  SlotPoolObserver* const observer_;

  mutable Mutex mutex_;
  SlotPoolState state_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<WaiterId, Waiter*> waiters_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace weir

#endif  // WEIR_BACKEND_SLOT_POOL_H_
