// ProcessStats: what the system says of this process, under the names that
// Prometheus gives to it everywhere (process_*).
//
//   ProcessStats stats = ReadProcessStats();
//   if (stats.resident_bytes.has_value()) ...
//
// Thread-safety: any number of threads.
// Ownership: a value.
// Failure: what the system does not tell is left out.
#ifndef WEIR_SERVER_TELEMETRY_PROCESS_STATS_H_
#define WEIR_SERVER_TELEMETRY_PROCESS_STATS_H_

#include <optional>

namespace weir {

struct ProcessStats {
  std::optional<double> cpu_seconds;
  std::optional<double> resident_bytes;
  std::optional<double> num_open_files;
  std::optional<double> num_open_files_max;
  std::optional<double> start_time_seconds;  // since 1970
};

ProcessStats ReadProcessStats();

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_PROCESS_STATS_H_
