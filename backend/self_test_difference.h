// DescribeDifference: whether two answers are the same to the last bit, and
// where they are not, in words.
//
//   std::optional<std::string> difference =
//       DescribeDifference(alone, together);
//   // output "y" differed at element 1234 (0.12 instead of 0.13)
//
// Thread-safety: pure.
// Ownership: none.
// Failure: none; NaNs of the same bits are the same, 0 and -0 are not.
#ifndef WEIR_BACKEND_SELF_TEST_DIFFERENCE_H_
#define WEIR_BACKEND_SELF_TEST_DIFFERENCE_H_

#include <optional>
#include <string>

#include "backend/model.h"

namespace weir {

// Nothing where they are the same. REQUIRES: the bytes of both can be read by
// the processor.
std::optional<std::string> DescribeDifference(const Outputs& wanted,
                                              const Outputs& got);

// Whether the processor can read the bytes of all of them.
bool IsReadable(const Outputs& outputs);

}  // namespace weir

#endif  // WEIR_BACKEND_SELF_TEST_DIFFERENCE_H_
