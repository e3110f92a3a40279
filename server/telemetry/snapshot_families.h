// SnapshotFamilies: a snapshot as Prometheus sees it.
//
//   std::vector<prometheus::MetricFamily> families =
//       SnapshotFamilies(snapshot, ReadProcessStats());
//
// The families and their series come in the order of the snapshot, so that the
// same snapshot gives the same text.
//
// Thread-safety: any number of threads.
// Ownership: values.
// Failure: none.
#ifndef WEIR_SERVER_TELEMETRY_SNAPSHOT_FAMILIES_H_
#define WEIR_SERVER_TELEMETRY_SNAPSHOT_FAMILIES_H_

#include <prometheus/metric_family.h>

#include <vector>

#include "server/telemetry/process_stats.h"
#include "server/telemetry/telemetry_snapshot.h"

namespace weir {

std::vector<prometheus::MetricFamily> SnapshotFamilies(
    const TelemetrySnapshot& snapshot, const ProcessStats& process);

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_SNAPSHOT_FAMILIES_H_
