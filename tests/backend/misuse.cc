// Each CASE_ is a misuse of a lease that must not compile; without one the file
// must (tests/backend/compile_fail_test.cc).
#include <utility>

#include "backend/model.h"
#include "backend/slot_lease.h"
#include "backend/slot_pool.h"

namespace weir {

void Use(SlotPool& pool, Model& model, SlotLease lease) {
  SlotLease moved = std::move(lease);
  model.Free(moved);
#if defined(CASE_COPY)
  SlotLease copy = moved;
#elif defined(CASE_RAW)
  SlotLease raw(&pool, &moved.slot(), 1);
#elif defined(CASE_DISCARD)
  [](SlotLease& from) -> SlotLease { return std::move(from); }(moved);
#else
  static_cast<void>(pool.num_slots());
#endif
}

}  // namespace weir
