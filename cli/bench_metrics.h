// ReadCpuSeconds: how much processor time a server has used, as it says itself
// at /metrics.
//
//   const absl::StatusOr<double> before = ReadCpuSeconds("localhost:8002");
//
// One GET, by plain sockets: what is read is one line of our own server's.
//
// Thread-safety: any thread.
// Ownership: none.
// Failure: UNAVAILABLE, why it cannot be had. Nobody is waited for longer than
// two seconds at a time, and no more than 4 MiB is read.
#ifndef WEIR_CLI_BENCH_METRICS_H_
#define WEIR_CLI_BENCH_METRICS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace weir {

// Of the server whose HTTP is at HOST:PORT.
absl::StatusOr<double> ReadCpuSeconds(const std::string& address);

// The same, in the answer to a GET.
absl::StatusOr<double> CpuSecondsIn(absl::string_view answer);

}  // namespace weir

#endif  // WEIR_CLI_BENCH_METRICS_H_
