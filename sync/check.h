// WEIR_CHECK: states what can never be false. When it is, the process writes
// one line and aborts, in every build type; the service manager restarts it.
//
//   WEIR_CHECK(capacity > 0, "a pool has at least one slot");
//
// Never reachable from any input: what a client, a file or a device can cause
// is a status, not a check.
//
// Thread-safety: any thread.
// Failure: does not return.
#ifndef WEIR_SYNC_CHECK_H_
#define WEIR_SYNC_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace weir::internal {

[[noreturn]] inline void CheckFailed(const char* file, int line,
                                     const char* condition,
                                     const char* meaning) {
  std::fprintf(stderr, "weir: check failed at %s:%d: %s (%s)\n", file, line,
               meaning, condition);
  std::fflush(stderr);
  std::abort();
}

}  // namespace weir::internal

#define WEIR_CHECK(condition, meaning)                                         \
  ((condition) ? static_cast<void>(0)                                          \
               : ::weir::internal::CheckFailed(__FILE__, __LINE__, #condition, \
                                               meaning))

#endif  // WEIR_SYNC_CHECK_H_
