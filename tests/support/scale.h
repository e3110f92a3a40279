// Scaled: a test's count, made smaller where a sanitizer makes each step
// slower. The divisor is the only number that differs between builds.
//
//   for (int round = 0; round < Scaled(10000); ++round) { ... }
//
// Thread-safety: pure.
// Ownership: none.
// Failure: none; never less than 1.
#ifndef WEIR_TESTS_SUPPORT_SCALE_H_
#define WEIR_TESTS_SUPPORT_SCALE_H_

#include <algorithm>

namespace weir {

// gcc's way of telling comes first: its sanitizers' own header, which abseil
// includes, defines __has_feature as 0.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
inline constexpr int kScaleDivisor = 10;
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
inline constexpr int kScaleDivisor = 10;
#else
inline constexpr int kScaleDivisor = 1;
#endif
#else
inline constexpr int kScaleDivisor = 1;
#endif

constexpr int Scaled(int count) { return std::max(1, count / kScaleDivisor); }

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_SCALE_H_
