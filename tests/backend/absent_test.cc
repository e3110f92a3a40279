// What does not exist in backend/, and must not: shown while it compiles.
#include <cstddef>
#include <type_traits>

#include "backend/backend.h"
#include "backend/model.h"
#include "backend/slot.h"
#include "backend/slot_lease.h"
#include "backend/slot_pool.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using NoLease = std::nullptr_t;

// R10, R11 absent: a lease is not copied, made by hand or empty from the start
TEST(AbsentTest, ALeaseThatNoPoolGave) {
  static_assert(!std::is_copy_constructible_v<SlotLease>);
  static_assert(!std::is_copy_assignable_v<SlotLease>);
  static_assert(!std::is_default_constructible_v<SlotLease>);
  static_assert(
      !std::is_constructible_v<SlotLease, SlotPool*, Slot*, LeaseTicket>);
  static_assert(!std::is_constructible_v<SlotLease, std::nullptr_t>);
  static_assert(std::is_nothrow_move_constructible_v<SlotLease>);
  static_assert(std::is_nothrow_destructible_v<SlotLease>);
}

// R14 absent: no device call takes a null lease, an implied one or none
TEST(AbsentTest, ADeviceCallWithoutALease) {
  static_assert(
      std::is_same_v<decltype(&Model::Free), void (Model::*)(SlotLease&)>);
  static_assert(!std::is_invocable_v<decltype(&Model::Free), Model&>);
  static_assert(!std::is_invocable_v<decltype(&Model::Free), Model&, NoLease>);
  static_assert(!std::is_invocable_v<decltype(&Model::Run), Model&, NoLease,
                                     const BatchInputs&, const RunContext&>);
  static_assert(!std::is_invocable_v<decltype(&Backend::Load), Backend&,
                                     NoLease, ModelFile&>);
  static_assert(
      !std::is_invocable_v<decltype(&Backend::EmptyCache), Backend&, NoLease>);
  static_assert(
      !std::is_invocable_v<decltype(&Backend::Revive), Backend&, NoLease>);
  static_assert(
      std::is_same_v<decltype(&SlotLease::slot), Slot& (SlotLease::*)() const>);
}

template <typename Pool>
concept GivesSlotsAway = requires(Pool& pool) {
  pool.slot(0);
}
|| requires(Pool& pool) { pool.slots(); }
|| requires(Pool& pool) { pool[0]; };

// R21, R29 absent: a slot is immutable, and a pool hands out leases alone
TEST(AbsentTest, AWayToASlotPastItsLease) {
  static_assert(!GivesSlotsAway<SlotPool>);
  static_assert(!std::is_copy_constructible_v<Slot>);
  static_assert(!std::is_copy_assignable_v<Slot>);
  static_assert(!std::is_constructible_v<SlotLease, Slot&>);
}

template <typename Type>
concept HasEvents = requires(Type& it) {
  it.Record();
}
|| requires(Type& it) { it.Query(); }
|| requires(Type& it) { it.Synchronize(); }
|| requires(Type& it, Type& other) { it.ElapsedTime(other); };

// R17, R19, R20 absent: there is no event to record, query, wait for or time: a
// run returns when it is done, and says itself how long it took
TEST(AbsentTest, AnEventToWaitFor) {
  static_assert(!HasEvents<Slot>);
  static_assert(!HasEvents<SlotLease>);
  static_assert(!HasEvents<Model>);
  static_assert(std::is_same_v<decltype(RunResult::stats), RunStats>);
  static_assert(std::is_same_v<decltype(RunStats::run), Duration>);
}

}  // namespace
}  // namespace weir
