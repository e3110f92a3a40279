// SlotLease: the right to use one slot, held by one owner.
//
//   absl::StatusOr<SlotLease> lease = pool.Acquire(/*hint=*/-1, kNever);
//   if (!lease.ok()) return lease.status();
//   RunResult result = model.Run(*lease, inputs, context);
//   lease->Release(result.stats);
//
// Move-only: it cannot be copied, made by hand or kept past Release. Giving it
// back hands the slot to the pool's first waiter. Neither Release nor the
// destructor touches a device or reads a clock: Model::Run returns with the
// slot's queue empty, so there is nothing to wait for.
//
// Thread-safety: one owner at a time; may be moved to another thread.
// Ownership: borrows the pool and the slot; the pool outlives it (checked).
// Failure: using a lease that was given back is a failed check.
#ifndef WEIR_BACKEND_SLOT_LEASE_H_
#define WEIR_BACKEND_SLOT_LEASE_H_

#include <cstdint>
#include <utility>

#include "backend/slot.h"
#include "sync/check.h"

namespace weir {

class SlotPool;

// Names one lease for ever: tickets of a pool are drawn from a 64-bit counter
// and never used twice, so a stale one is always recognised.
using LeaseTicket = uint64_t;

class [[nodiscard]] SlotLease {
 public:
  SlotLease(SlotLease&& other) noexcept
      : pool_(std::exchange(other.pool_, nullptr)),
        slot_(other.slot_),
        ticket_(other.ticket_) {}
  SlotLease& operator=(SlotLease&& other) noexcept {
    if (this != &other) {
      if (pool_ != nullptr) GiveBack(RunStats{});
      pool_ = std::exchange(other.pool_, nullptr);
      slot_ = other.slot_;
      ticket_ = other.ticket_;
    }
    return *this;
  }
  ~SlotLease() {
    if (pool_ != nullptr) GiveBack(RunStats{});
  }

  // The leased slot. REQUIRES: not released.
  Slot& slot() const {
    WEIR_CHECK(pool_ != nullptr, "a slot is used under its lease");
    return *slot_;
  }
  LeaseTicket ticket() const { return ticket_; }

  // Gives the slot back and counts what was done with it. REQUIRES: not
  // released before.
  void Release(const RunStats& stats) noexcept {
    WEIR_CHECK(pool_ != nullptr, "a lease is released once");
    GiveBack(stats);
  }

 private:
  friend class SlotPool;
  SlotLease(SlotPool* pool, Slot* slot, LeaseTicket ticket)
      : pool_(pool), slot_(slot), ticket_(ticket) {}

  // In slot_pool.cc. REQUIRES: not released.
  void GiveBack(const RunStats& stats) noexcept;

  SlotPool* pool_;
  Slot* slot_;
  LeaseTicket ticket_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_SLOT_LEASE_H_
