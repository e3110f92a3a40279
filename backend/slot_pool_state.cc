#include "backend/slot_pool_state.h"

#include <algorithm>
#include <iterator>

#include "config/config.h"
#include "sync/check.h"

namespace weir {
namespace {

// A ticket is the lease's number, then its slot in the low bits: it grows with
// every lease, and its slot is found without a division.
constexpr int kSlotBits = 10;
static_assert(kSlotsHardMax == 1 << kSlotBits);

size_t SlotOf(LeaseTicket ticket) {
  return static_cast<size_t>(ticket) & (kSlotsHardMax - 1);
}

}  // namespace

SlotPoolState::SlotPoolState(int num_slots) {
  WEIR_CHECK(num_slots >= 1 && num_slots <= kSlotsHardMax,
             "a pool has at least one slot, and no more than the hard cap");
  slots_.resize(static_cast<size_t>(num_slots));
  for (int slot = num_slots; slot-- > 0;) free_.push_back(slot);
  news_.in_service = num_slots;
}

SlotPoolState::Entry* SlotPoolState::Find(LeaseTicket ticket) {
  const size_t slot = SlotOf(ticket);
  if (ticket == 0 || slot >= slots_.size()) return nullptr;
  return slots_[slot].ticket == ticket ? &slots_[slot] : nullptr;
}

const SlotPoolState::Entry* SlotPoolState::Find(LeaseTicket ticket) const {
  return const_cast<SlotPoolState*>(this)->Find(ticket);
}

SlotGrant SlotPoolState::Grant(int slot, State state) {
  Entry& entry = slots_[static_cast<size_t>(slot)];
  WEIR_CHECK(entry.ticket == 0, "a slot is leased to one owner at a time");
  entry.state = state;
  entry.ticket = ++last_lease_ << kSlotBits | static_cast<uint64_t>(slot);
  entry.counters.leased = true;
  return {slot, entry.ticket};
}

std::optional<SlotGrant> SlotPoolState::TryAcquire(int hint) {
  if (free_.empty()) return std::nullopt;
  // From the end: a slot that is asked for again was often the last to return.
  const auto hinted = std::find(free_.rbegin(), free_.rend(), hint);
  const auto chosen = hinted == free_.rend() ? free_.rbegin() : hinted;
  const int slot = *chosen;
  free_.erase(std::next(chosen).base());
  return Grant(slot, State::kLeased);
}

WaiterId SlotPoolState::Wait() {
  WEIR_CHECK(free_.empty() && in_service() > 0,
             "only a pool whose slots are all leased is waited for");
  waiters_.push_back(++last_waiter_);
  return last_waiter_;
}

bool SlotPoolState::Leave(WaiterId waiter) {
  const auto place = std::find(waiters_.begin(), waiters_.end(), waiter);
  if (place == waiters_.end()) return false;
  waiters_.erase(place);
  return true;
}

SlotPoolState::Change SlotPoolState::Release(LeaseTicket ticket,
                                             const RunStats& stats) {
  Entry* entry = Find(ticket);
  WEIR_CHECK(entry != nullptr, "a lease is released once");
  SlotCounters& counters = entry->counters;
  counters.leased = false;
  counters.leases += stats.rows > 0 ? 1 : 0;
  counters.failures += stats.failed ? 1 : 0;
  counters.rows += stats.rows;
  counters.busy += stats.gather + stats.run;
  entry->ticket = 0;
  Change change;
  if (entry->state == State::kLeased || entry->state == State::kRestored) {
    PutInService(static_cast<int>(entry - slots_.data()), change);
  } else {
    // One whose repair just failed is not worth another try at once.
    change.retired = entry->state == State::kStuck;
    entry->state = State::kRetired;
  }
  return change;
}

void SlotPoolState::PutInService(int slot, Change& change) {
  Entry& entry = slots_[static_cast<size_t>(slot)];
  if (entry.state == State::kRestored) {
    entry.counters.in_service = true;
    ++news_.in_service;
    news_.lost = false;
    ++news_.number;
    change.news = news_;
  }
  entry.state = State::kFree;
  if (waiters_.empty()) {
    free_.push_back(slot);
    return;
  }
  const WaiterId first = waiters_.front();
  waiters_.pop_front();
  change.handed = Handoff{first, Grant(slot, State::kLeased)};
}

void SlotPoolState::LeaveService(Entry& entry, State state, Change& change) {
  if (entry.state == State::kFree) {
    std::erase(free_, static_cast<int>(&entry - slots_.data()));
  }
  entry.state = state;
  entry.counters.in_service = false;
  --news_.in_service;
  ++news_.number;
  change.news = news_;
}

SlotPoolState::Change SlotPoolState::Report(LeaseTicket ticket, Fault fault) {
  Change change;
  Entry* entry = Find(ticket);
  if (entry == nullptr) return change;
  if (entry->state == State::kLeased) {
    LeaveService(*entry, State::kStuck, change);
  }
  const bool old_news = ticket >> kSlotBits <= last_lease_before_loss_;
  if (fault == Fault::kDevice && !old_news) LoseDevice(change);
  change.wake_all = in_service() == 0;
  return change;
}

void SlotPoolState::LoseDevice(Change& change) {
  last_lease_before_loss_ = last_lease_;
  for (Entry& entry : slots_) {
    if (entry.state == State::kFree) {
      LeaveService(entry, State::kRetired, change);
    } else if (entry.state == State::kLeased) {
      LeaveService(entry, State::kStuck, change);
    } else if (entry.state == State::kRestored ||
               entry.state == State::kRepairing) {
      entry.state = State::kAbandoned;
    }
  }
  if (news_.lost) return;
  news_.lost = true;
  ++news_.number;
  change.news = news_;
}

std::optional<SlotGrant> SlotPoolState::BeginRepair() {
  for (size_t tried = 0; tried < slots_.size(); ++tried) {
    const size_t slot = next_repair_;
    next_repair_ = (slot + 1) % slots_.size();
    if (slots_[slot].state != State::kRetired) continue;
    return Grant(static_cast<int>(slot), State::kRepairing);
  }
  return std::nullopt;
}

bool SlotPoolState::Restore(LeaseTicket ticket) {
  Entry* entry = Find(ticket);
  WEIR_CHECK(entry != nullptr, "a slot is restored under its lease");
  if (entry->state != State::kRepairing) return false;
  entry->state = State::kRestored;
  return true;
}

int SlotPoolState::num_leased() const {
  return static_cast<int>(
      std::count_if(slots_.begin(), slots_.end(),
                    [](const Entry& entry) { return entry.ticket != 0; }));
}

std::vector<SlotCounters> SlotPoolState::Counters() const {
  std::vector<SlotCounters> counters;
  counters.reserve(slots_.size());
  for (const Entry& entry : slots_) counters.push_back(entry.counters);
  return counters;
}

}  // namespace weir
