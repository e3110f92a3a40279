// FakeSlots: slots of a device that exists in name alone, for tests of pools
// that run nothing.
//
//   SlotPool pool("fake:0", FakeSlots("fake:0", 4), clock, nullptr);
//
// Thread-safety: any thread.
// Ownership: the caller's.
// Failure: none.
#ifndef WEIR_TESTS_SUPPORT_FAKE_SLOTS_H_
#define WEIR_TESTS_SUPPORT_FAKE_SLOTS_H_

#include <memory>
#include <string>
#include <vector>

#include "backend/slot.h"

namespace weir {

inline std::vector<std::unique_ptr<Slot>> FakeSlots(const std::string& device,
                                                    int count) {
  std::vector<std::unique_ptr<Slot>> slots;
  for (int i = 0; i < count; ++i) {
    slots.push_back(
        std::make_unique<Slot>(device, i, "stream" + std::to_string(i)));
  }
  return slots;
}

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_FAKE_SLOTS_H_
