#include "backend/slot_pool.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "sync/check.h"

namespace weir {

void SlotLease::GiveBack(const RunStats& stats) noexcept {
  std::exchange(pool_, nullptr)->Release(ticket_, stats);
}

SlotPool::SlotPool(std::string device, std::vector<std::unique_ptr<Slot>> slots,
                   Clock& clock, SlotPoolObserver* observer)
    : device_(std::move(device)),
      slots_(std::move(slots)),
      clock_(clock),
      observer_(observer),
      state_(static_cast<int>(slots_.size())) {
  for (size_t i = 0; i < slots_.size(); ++i) {
    WEIR_CHECK(slots_[i]->index() == static_cast<int>(i),
               "slots are numbered from 0");
  }
}

SlotPool::~SlotPool() {
  MutexLock lock(mutex_);
  WEIR_CHECK(state_.num_leased() == 0, "a pool outlives its leases");
  WEIR_CHECK(waiters_.empty(), "a pool outlives its waiters");
}

absl::Status SlotPool::WhyNot() const {
  if (!closed_ && state_.in_service() > 0) return absl::OkStatus();
  return Dismissed();
}

absl::Status SlotPool::Dismissed() const {
  if (closed_) {
    return absl::CancelledError(absl::StrCat("closed: slots of ", device_));
  }
  return absl::UnavailableError(absl::StrCat("no slot in service: ", device_));
}

std::optional<SlotGrant> SlotPool::TryGrant(int hint) {
  return closed_ ? std::nullopt : state_.TryAcquire(hint);
}

absl::StatusOr<SlotLease> SlotPool::TryAcquire(int hint) {
  MutexLock lock(mutex_);
  std::optional<SlotGrant> grant = TryGrant(hint);
  if (grant.has_value()) return Lease(*grant);
  if (absl::Status why = WhyNot(); !why.ok()) return why;
  return absl::ResourceExhaustedError(
      absl::StrCat("all slots are leased: ", device_));
}

absl::StatusOr<SlotLease> SlotPool::Acquire(
    int hint, TimePoint deadline, absl::FunctionRef<void()> before_waiting) {
  {
    MutexLock lock(mutex_);
    std::optional<SlotGrant> grant = TryGrant(hint);
    if (grant.has_value()) return Lease(*grant);
    if (absl::Status why = WhyNot(); !why.ok()) return why;
  }
  before_waiting();
  MutexLock lock(mutex_);
  std::optional<SlotGrant> grant = TryGrant(hint);
  if (grant.has_value()) return Lease(*grant);
  if (absl::Status why = WhyNot(); !why.ok()) return why;
  absl::StatusOr<SlotGrant> handed = AwaitGrant(deadline);
  if (!handed.ok()) return std::move(handed).status();
  return Lease(*handed);
}

absl::StatusOr<SlotGrant> SlotPool::AwaitGrant(TimePoint deadline) {
  Waiter waiter;
  const WaiterId id = state_.Wait();
  waiters_.emplace(id, &waiter);
  bool late = false;
  while (waiter.grant.ticket == 0 && !waiter.dismissed && !late) {
    late = clock_.WaitUntil(waiter.woken, mutex_, deadline);
  }
  waiters_.erase(id);
  if (waiter.grant.ticket != 0) return waiter.grant;
  if (waiter.dismissed) return Dismissed();
  state_.Leave(id);
  return absl::DeadlineExceededError(
      absl::StrCat("all slots stayed leased: ", device_));
}

void SlotPool::Apply(const SlotPoolState::Change& change) {
  if (change.handed.has_value()) {
    Waiter* waiter = waiters_.at(change.handed->waiter);
    waiter->grant = change.handed->grant;
    waiter->woken.NotifyOne();
  }
  if (change.wake_all) DismissAll();
}

void SlotPool::DismissAll() {
  state_.DismissWaiters();
  for (const auto& [id, waiter] : waiters_) {
    waiter->dismissed = true;
    waiter->woken.NotifyOne();
  }
}

void SlotPool::Tell(const SlotPoolState::Change& change) {
  if (observer_ == nullptr) return;
  if (change.news.has_value()) observer_->OnService(device_, *change.news);
  if (change.retired) observer_->OnRetired(device_);
}

void SlotPool::Release(LeaseTicket ticket, const RunStats& stats) {
  SlotPoolState::Change change;
  {
    MutexLock lock(mutex_);
    change = state_.Release(ticket, stats);
    Apply(change);
  }
  Tell(change);
}

void SlotPool::Report(const SlotLease& lease, Fault fault) {
  WEIR_CHECK(lease.pool_ == this, "a lease is reported to its pool");
  Report(lease.ticket(), fault);
}

void SlotPool::Report(LeaseTicket ticket, Fault fault) {
  SlotPoolState::Change change;
  {
    MutexLock lock(mutex_);
    change = state_.Report(ticket, fault);
    Apply(change);
  }
  Tell(change);
}

absl::StatusOr<SlotLease> SlotPool::AcquireRetired() {
  MutexLock lock(mutex_);
  if (closed_) return WhyNot();
  std::optional<SlotGrant> grant = state_.BeginRepair();
  if (!grant.has_value()) {
    return absl::NotFoundError(absl::StrCat("no slot is retired: ", device_));
  }
  return Lease(*grant);
}

bool SlotPool::ReturnToService(SlotLease lease) {
  WEIR_CHECK(lease.pool_ == this, "a lease is returned to its pool");
  bool is_sound = false;
  {
    MutexLock lock(mutex_);
    is_sound = state_.Restore(lease.ticket());
  }
  lease.Release(RunStats{});
  return is_sound;
}

void SlotPool::Close() {
  MutexLock lock(mutex_);
  closed_ = true;
  DismissAll();
}

ServiceNews SlotPool::service() const {
  MutexLock lock(mutex_);
  return state_.news();
}

SlotPool::Snapshot SlotPool::Read() const {
  MutexLock lock(mutex_);
  return {state_.Counters(), state_.num_leased(), state_.num_waiters(),
          state_.news()};
}

}  // namespace weir
