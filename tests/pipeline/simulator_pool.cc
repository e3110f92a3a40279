#include "tests/pipeline/simulator_pool.h"

#include <algorithm>

namespace weir {

SimulatedPool::Slot& SimulatedPool::At(LeaseTicket ticket) {
  const auto found =
      std::find_if(slots_.begin(), slots_.end(),
                   [&](const Slot& slot) { return slot.ticket == ticket; });
  return *found;
}

int SimulatedPool::InService() const {
  return static_cast<int>(
      std::count_if(slots_.begin(), slots_.end(),
                    [](const Slot& slot) { return slot.in_service; }));
}

int SimulatedPool::NumFree() const {
  return static_cast<int>(std::count_if(
      slots_.begin(), slots_.end(),
      [](const Slot& slot) { return slot.in_service && slot.ticket == 0; }));
}

bool SimulatedPool::HasRetired() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
    return !slot.in_service && slot.ticket == 0;
  });
}

void SimulatedPool::Granted(const SlotGrant& grant, bool to_repair) {
  Slot& slot = slots_.at(static_cast<size_t>(grant.slot));
  report_->Expect(slot.ticket == 0, "a slot has one holder");
  report_->Expect(slot.in_service != to_repair,
                  "work gets a slot in service, a repair one that is not");
  report_->Expect(grant.ticket > last_ticket_, "lease tickets grow");
  last_ticket_ = grant.ticket;
  slot.ticket = grant.ticket;
  slot.in_repair = to_repair;
}

std::optional<SlotGrant> SimulatedPool::TryAcquire(int hint) {
  const bool has_free = NumFree() > 0;
  const std::optional<SlotGrant> grant = state_.TryAcquire(hint);
  report_->Expect(grant.has_value() == has_free,
                  "a slot is granted when one is free");
  if (grant.has_value()) Granted(*grant, /*to_repair=*/false);
  return grant;
}

void SimulatedPool::Wait(SlotHolder holder) {
  waiters_.emplace_back(state_.Wait(), holder);
}

void SimulatedPool::Release(LeaseTicket ticket, const RunStats& stats) {
  Slot& slot = At(ticket);
  slot.ticket = 0;
  slot.in_repair = false;
  const bool returns = std::exchange(slot.is_sound, false);
  if (returns) {
    slot.in_service = true;
    lost_ = false;
  }
  const bool is_due = slot.in_service && !waiters_.empty();
  const SlotPoolState::Change change = state_.Release(ticket, stats);
  report_->Expect(change.handed.has_value() == is_due,
                  "a slot given back goes to the first waiter");
  report_->Expect(change.news.has_value() == returns,
                  "a slot that returns to service is news");
  Apply(change);
}

void SimulatedPool::Report(LeaseTicket ticket, Fault fault) {
  const int before = InService();
  const bool was_lost = lost_;
  const bool is_live = state_.IsLive(ticket);
  if (is_live) At(ticket).in_service = false;
  if (is_live && fault == Fault::kDevice) {
    lost_ = true;
    for (Slot& slot : slots_) slot.in_service = slot.is_sound = false;
    for (Slot& slot : slots_) slot.in_repair = false;
  }
  const SlotPoolState::Change change = state_.Report(ticket, fault);
  report_->Expect(
      change.news.has_value() == (InService() != before || lost_ != was_lost),
      "news is told when the service changes");
  report_->Expect(change.wake_all == (is_live && InService() == 0),
                  "waiters are sent away when no slot is left");
  Apply(change);
}

SlotGrant SimulatedPool::BeginRepair() {
  const std::optional<SlotGrant> grant = state_.BeginRepair();
  report_->Expect(grant.has_value(), "a retired slot can be repaired");
  Granted(grant.value(), /*to_repair=*/true);
  return *grant;
}

void SimulatedPool::Restore(LeaseTicket ticket) {
  Slot& slot = At(ticket);
  slot.is_sound = state_.Restore(ticket);
  report_->Expect(slot.is_sound == slot.in_repair,
                  "a slot is restored unless its device was lost meanwhile");
}

void SimulatedPool::Close() {
  closed_ = true;
  DismissAll();
}

void SimulatedPool::DismissAll() {
  state_.DismissWaiters();
  for (const auto& [id, holder] : waiters_) dismissed_.push_back(holder);
  waiters_.clear();
}

void SimulatedPool::Apply(const SlotPoolState::Change& change) {
  if (change.handed.has_value()) {
    report_->Expect(change.handed->waiter == waiters_.front().first,
                    "slots go to waiters in their order");
    Granted(change.handed->grant, /*to_repair=*/false);
    handed_.emplace_back(waiters_.front().second, change.handed->grant);
    waiters_.pop_front();
  }
  if (change.news.has_value()) {
    report_->Expect(change.news->number > last_number_, "news numbers grow");
    report_->Expect(change.news->in_service == InService(),
                    "news tells the slots in service");
    report_->Expect(change.news->lost == lost_, "news tells a lost device");
    last_number_ = change.news->number;
    news_.push_back(*change.news);
  }
  if (change.wake_all) DismissAll();
}

void SimulatedPool::Check() const {
  const auto num_leased =
      std::count_if(slots_.begin(), slots_.end(),
                    [](const Slot& slot) { return slot.ticket != 0; });
  report_->Expect(state_.num_leased() == num_leased, "leases are counted");
  report_->Expect(num_leased <= state_.num_slots(), "leases <= slots");
  report_->Expect(state_.num_free() == NumFree(), "free slots are counted");
  report_->Expect(state_.in_service() == InService(),
                  "slots in service are counted");
  report_->Expect(state_.num_waiters() == static_cast<int>(waiters_.size()),
                  "waiters are counted");
  report_->Expect(waiters_.empty() || NumFree() == 0,
                  "nobody waits while a slot is free");
}

}  // namespace weir
