// TwinMemory: counts the memory of the twin and of its pinned host side. It
// frees at once, and plays a cache without waste: what is reserved is the most
// that was allocated since the cache was last emptied.
//
//   void* data = TwinMemory::Get().Allocate(nbytes);
//   TwinMemory::Get().Free(data, nbytes);
//
// Thread-safety: any thread.
// Ownership: one for the process, never destroyed; blocks are the caller's.
// Failure: std::bad_alloc's kin, c10::Error.
#ifndef WEIR_TESTS_SUPPORT_TWIN_TWIN_MEMORY_H_
#define WEIR_TESTS_SUPPORT_TWIN_TWIN_MEMORY_H_

#include <cstddef>
#include <cstdint>
#include <map>

#include "sync/mutex.h"
#include "tests/support/twin/twin_control.h"

namespace weir {

class TwinMemory {
 public:
  static TwinMemory& Get();

  // Of the device. What a block holds at first is no number.
  void* Allocate(size_t nbytes);
  void Free(void* data, size_t nbytes);
  void EmptyCache();

  // Of the host, pinned.
  void* Pin(size_t nbytes);
  void Unpin(void* data);
  bool IsPinned(const void* data);

  // Fills in what is about memory.
  void Describe(WeirTwinStatus& status);

 private:
  TwinMemory() = default;

  Mutex mutex_;
  uint64_t allocated_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t reserved_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t num_allocations_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t num_empty_caches_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t pinned_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<uintptr_t, size_t> pinned_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_TWIN_TWIN_MEMORY_H_
