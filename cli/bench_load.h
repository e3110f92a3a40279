// RunLoad: keeps so many requests under way, each followed by the next, until
// the time is up, as many as asked for are sent, or it is told to stop.
//
//   const LoadResult result = RunLoad(
//       {.concurrency = 16, .time = std::chrono::seconds(5)}, clock, stop,
//       [&](int lane, LoadDone done) { client.InferAsync(request, done); });
//
// A closed loop: a slow server is asked less often. Each of the lanes has one
// request under way; what follows a request is sent by the thread that its
// answer came on, so that there is no thread of our own. Requests that are
// under way at the end are waited for, and count.
//
// Thread-safety: RunLoad by one thread; `send` is called on any, by each lane
// one call at a time, and must call `done` once, on any thread.
// Ownership: `send` is not called any more once RunLoad has returned; a `done`
// that was called may be kept, but not called again.
// Failure: none; errors are counted.
#ifndef WEIR_CLI_BENCH_LOAD_H_
#define WEIR_CLI_BENCH_LOAD_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "sync/clock.h"

namespace weir {

using LoadDone = std::function<void(const absl::Status& status)>;
using LoadSend = std::function<void(int lane, LoadDone done)>;

struct LoadOptions {
  int concurrency = 1;
  // A lane sends no more once the time is up, nor past so many of all lanes.
  Duration time = Duration::max();
  int64_t requests_max = 0;
};

struct LoadResult {
  // From the first request's start to the last one's answer.
  Duration elapsed{0};
  // Of those that were answered OK.
  std::vector<Duration> latencies = {};
  // How many ended with which code, OK among them, and what one of each was
  // told.
  std::map<absl::StatusCode, int64_t> counts = {};
  std::map<absl::StatusCode, std::string> messages = {};
};

LoadResult RunLoad(const LoadOptions& options, const Clock& clock,
                   const std::atomic<bool>& stop, const LoadSend& send);

}  // namespace weir

#endif  // WEIR_CLI_BENCH_LOAD_H_
