// Numbers as a person reads them on a page.
//
//   ShownCount(1234567)                    // 1,234,567
//   ShownDuration(milliseconds(1500))      // 1.5 s
//   ShownBytes(3 << 20)                    // 3.0 MiB
//
// Thread-safety: any number of threads.
// Ownership: values.
// Failure: none; what is less than zero counts as zero.
#ifndef WEIR_SERVER_TELEMETRY_SHOWN_NUMBER_H_
#define WEIR_SERVER_TELEMETRY_SHOWN_NUMBER_H_

#include <cstdint>
#include <string>

#include "sync/clock.h"

namespace weir {

std::string ShownCount(uint64_t count);
std::string ShownDuration(Duration duration);
std::string ShownBytes(int64_t bytes);

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_SHOWN_NUMBER_H_
