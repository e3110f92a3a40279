// SimulatedPool: a SlotPoolState as SlotPool would drive it, checked against a
// plain model of its slots after each call.
//
//   SimulatedPool pool(/*num_slots=*/2, report);
//   if (!pool.IsOpen()) ...                       // Acquire fails at once
//   std::optional<SlotGrant> grant = pool.TryAcquire(-1);
//   if (!grant.has_value()) pool.Wait(holder);    // until handed or dismissed
//
// Thread-safety: none.
// Ownership: numbers alone. `report` outlives it.
// Failure: what is wrong goes to `report`.
#ifndef WEIR_TESTS_PIPELINE_SIMULATOR_POOL_H_
#define WEIR_TESTS_PIPELINE_SIMULATOR_POOL_H_

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend/slot_pool_state.h"

namespace weir {

// The first thing that was wrong in a schedule.
class SimulatorReport {
 public:
  void Expect(bool holds, const char* rule) {
    if (!holds && broken_.empty()) broken_ = rule;
  }
  const std::string& broken() const { return broken_; }

 private:
  std::string broken_;
};

// Who waits for a slot, or has one.
using SlotHolder = int;

class SimulatedPool {
 public:
  SimulatedPool(int num_slots, SimulatorReport& report)
      : state_(num_slots),
        slots_(static_cast<size_t>(num_slots)),
        report_(&report) {}

  bool IsOpen() const { return !closed_ && state_.in_service() > 0; }
  int NumFree() const;
  int NumLeased() const { return state_.num_leased(); }
  bool HasRetired() const;
  bool IsLive(LeaseTicket ticket) const { return state_.IsLive(ticket); }

  std::optional<SlotGrant> TryAcquire(int hint);
  void Wait(SlotHolder holder);
  void Release(LeaseTicket ticket, const RunStats& stats);
  void Report(LeaseTicket ticket, Fault fault);
  SlotGrant BeginRepair();
  void Restore(LeaseTicket ticket);
  void Close();

  // Who got a slot, or was sent away without one, since the last call.
  std::vector<std::pair<SlotHolder, SlotGrant>> TakeHanded() {
    return std::exchange(handed_, {});
  }
  std::vector<SlotHolder> TakeDismissed() {
    return std::exchange(dismissed_, {});
  }
  // News on their way to the scheduler.
  std::vector<ServiceNews>& news() { return news_; }

  // Compares the state with the model of it.
  void Check() const;

 private:
  struct Slot {
    LeaseTicket ticket = 0;
    bool in_service = true;
    bool is_sound = false;  // restored, and back in service when released
    bool in_repair = false;
  };

  Slot& At(LeaseTicket ticket);
  int InService() const;
  void Apply(const SlotPoolState::Change& change);
  void Granted(const SlotGrant& grant, bool to_repair);
  void DismissAll();

  SlotPoolState state_;
  std::vector<Slot> slots_;
  SimulatorReport* report_;
  bool closed_ = false;
  bool lost_ = false;
  uint64_t last_number_ = 0;
  LeaseTicket last_ticket_ = 0;
  std::deque<std::pair<WaiterId, SlotHolder>> waiters_;
  std::vector<std::pair<SlotHolder, SlotGrant>> handed_;
  std::vector<SlotHolder> dismissed_;
  std::vector<ServiceNews> news_;
};

}  // namespace weir

#endif  // WEIR_TESTS_PIPELINE_SIMULATOR_POOL_H_
