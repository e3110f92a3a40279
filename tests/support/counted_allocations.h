// CountedAllocations: the calls of operator new of one thread, in a program
// that includes this once, for it replaces the operators.
//
//   const int64_t before = num_allocations;
//   ...
//   EXPECT_EQ(num_allocations, before);
//
// Thread-safety: each thread has a count of its own.
// Ownership: none.
// Failure: as operator new.
#ifndef WEIR_TESTS_SUPPORT_COUNTED_ALLOCATIONS_H_
#define WEIR_TESTS_SUPPORT_COUNTED_ALLOCATIONS_H_

#include <cstdint>
#include <cstdlib>
#include <new>

namespace weir {
inline thread_local int64_t num_allocations = 0;
}  // namespace weir

// Not inlined: the compiler would see memory of malloc's behind one of a pair
// and the other's name, and warn of it.
[[gnu::noinline]] void* operator new(size_t size) {
  ++weir::num_allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

#endif  // WEIR_TESTS_SUPPORT_COUNTED_ALLOCATIONS_H_
