// SlotPoolState: which slot of a device is free, leased, retired or being
// repaired, and who waits for one. No lock, no thread, no clock: the same calls
// give the same answers, so a test can replay them.
//
//   SlotPoolState state(2);
//   SlotGrant grant = *state.TryAcquire(/*hint=*/-1);
//   WaiterId waiter = state.Wait();
//   SlotPoolState::Change change = state.Release(grant.ticket, {});
//   // change.handed: {waiter, grant} where the slot went to a waiter
//
// A slot's life:
//
//      +------+  TryAcquire / hand-off   +--------+
//      | free | -----------------------> | leased |
//      +------+ <----------------------- +--------+
//         ^           Release                | Report
//         | Release after Restore            v
//   +-----------+   BeginRepair   +---------+   Release   +-------+
//   | repairing | <-------------- | retired | <---------- | stuck |
//   +-----------+ --------------> +---------+             +-------+
//                 Release alone
//
// Invariants, checked: a waiter and a free slot never exist together; a ticket
// is drawn once; leased + stuck + repairing = live tickets.
//
// Thread-safety: none; SlotPool guards it.
// Ownership: numbers alone; the slots belong to SlotPool.
// Failure: a stale ticket is told from a live one and changes nothing.
#ifndef WEIR_BACKEND_SLOT_POOL_STATE_H_
#define WEIR_BACKEND_SLOT_POOL_STATE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "backend/slot.h"
#include "backend/slot_lease.h"

namespace weir {

// The slot that a ticket stands for.
struct SlotGrant {
  int slot = -1;
  LeaseTicket ticket = 0;
};

using WaiterId = uint64_t;

// What the rest of the server must know of a device's slots. Numbered, because
// two pieces of news may overtake each other on their way: a receiver ignores
// one that is older than the last it took.
struct ServiceNews {
  uint64_t number = 0;
  int in_service = 0;
  bool lost = false;  // the device itself is down
};

// What is counted for each slot, as telemetry reads it.
struct SlotCounters {
  bool leased = false;
  bool in_service = true;
  uint64_t leases = 0;  // those that ran something
  uint64_t failures = 0;
  int64_t rows = 0;
  Duration busy{0};
};

class SlotPoolState {
 public:
  struct Handoff {
    WaiterId waiter;
    SlotGrant grant;
  };
  // What a call brought about beside its purpose.
  struct Change {
    std::optional<Handoff> handed;    // a waiter got the slot
    std::optional<ServiceNews> news;  // the slots in service changed
    bool wake_all = false;            // no slot is left: every waiter fails
    bool retired = false;  // a slot was given back that can be repaired
  };

  // REQUIRES: 1 <= num_slots <= kSlotsHardMax.
  explicit SlotPoolState(int num_slots);

  // A free slot: `hint` where that one is free, else the one used last.
  std::optional<SlotGrant> TryAcquire(int hint);

  // Joins the end of the line. REQUIRES: in_service() > 0, no free slot.
  WaiterId Wait();
  // Leaves the line; false: not in it any more (it was handed a slot).
  bool Leave(WaiterId waiter);
  // Empties the line: the pool closes.
  void DismissWaiters() { waiters_.clear(); }

  // Ends a lease. A reported slot stays out of service.
  Change Release(LeaseTicket ticket, const RunStats& stats);

  // Takes a leased slot, or with Fault::kDevice all slots, out of service. No
  // change where the ticket is stale. A stuck slot's may lose the device still,
  // unless it was drawn before the device was lost the last time: it tells of
  // that loss, and the device may be back.
  Change Report(LeaseTicket ticket, Fault fault);

  // A retired slot to repair, each in its turn, so that one that stays broken
  // does not keep others from it; nothing where there is none.
  std::optional<SlotGrant> BeginRepair();
  // Declares a slot in repair sound: its Release puts it back in service. False
  // where the device was lost since the repair began.
  bool Restore(LeaseTicket ticket);

  bool IsLive(LeaseTicket ticket) const { return Find(ticket) != nullptr; }
  int num_slots() const { return static_cast<int>(slots_.size()); }
  int num_free() const { return static_cast<int>(free_.size()); }
  int num_leased() const;  // leases held now, stuck and repairing ones too
  int num_waiters() const { return static_cast<int>(waiters_.size()); }
  int in_service() const { return news_.in_service; }
  const ServiceNews& news() const { return news_; }
  std::vector<SlotCounters> Counters() const;

 private:
  enum class State {
    kFree,
    kLeased,
    kStuck,
    kRetired,
    kRepairing,
    kRestored,
    kAbandoned,  // a repair that the loss of the device overtook
  };
  struct Entry {
    State state = State::kFree;
    LeaseTicket ticket = 0;  // of the lease now held, else 0
    SlotCounters counters;
  };

  Entry* Find(LeaseTicket ticket);
  const Entry* Find(LeaseTicket ticket) const;
  SlotGrant Grant(int slot, State state);
  void PutInService(int slot, Change& change);
  void LeaveService(Entry& entry, State state, Change& change);
  void LoseDevice(Change& change);

  std::vector<Entry> slots_;
  std::vector<int> free_;  // the one used last at the end
  std::deque<WaiterId> waiters_;
  uint64_t last_lease_ = 0;
  uint64_t last_lease_before_loss_ = 0;
  size_t next_repair_ = 0;
  WaiterId last_waiter_ = 0;
  ServiceNews news_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_SLOT_POOL_STATE_H_
