// RaiseMallocThresholds: memory of large messages is kept, not given back to
// the system and taken anew for each.
//
//   RaiseMallocThresholds();   // once, before large blocks are taken
//
// glibc maps each block above 128 KiB by itself and unmaps it when it is freed:
// for a message of 600 kB the page faults cost more than all else. Other
// allocators, Darwin's among them, keep such blocks by themselves.
//
// Thread-safety: any thread.
// Ownership: none.
// Failure: none; what an allocator does not know is left as it is.
#ifndef WEIR_SERVER_MALLOC_THRESHOLDS_H_
#define WEIR_SERVER_MALLOC_THRESHOLDS_H_

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace weir {

inline void RaiseMallocThresholds() {
#ifdef __GLIBC__
  // The most that glibc takes.
  constexpr int kMapBytesMin = 32 << 20;
  // What may lie free at the end of the heap.
  constexpr int kTrimBytesMin = 256 << 20;
  mallopt(M_MMAP_THRESHOLD, kMapBytesMin);
  mallopt(M_TRIM_THRESHOLD, kTrimBytesMin);
#endif
}

}  // namespace weir

#endif  // WEIR_SERVER_MALLOC_THRESHOLDS_H_
