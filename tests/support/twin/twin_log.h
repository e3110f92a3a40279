// TwinLog: the last operators and stream calls, in a ring.
//
//   log.Add("aten::add.Tensor", stream);
//   size_t held = log.Read(entries, 100);
//
// Thread-safety: any thread.
// Ownership: entries are copied.
// Failure: none; the oldest entries give way and are counted.
#ifndef WEIR_TESTS_SUPPORT_TWIN_TWIN_LOG_H_
#define WEIR_TESTS_SUPPORT_TWIN_TWIN_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>

#include "sync/mutex.h"
#include "tests/support/twin/twin_control.h"

namespace weir {

// The number of the calling thread, drawn when it first asks.
uint64_t TwinThreadNumber();

class TwinLog {
 public:
  static constexpr size_t kEntriesMax = 8192;

  void Add(std::string_view name, int64_t stream);
  void Clear();
  // Copies the oldest, at most `max`, and returns how many there are.
  size_t Read(WeirTwinLogEntry* entries, size_t max);
  uint64_t num_missed();

 private:
  Mutex mutex_;
  uint64_t num_added_ ABSL_GUARDED_BY(mutex_) = 0;
  std::deque<WeirTwinLogEntry> entries_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_TWIN_TWIN_LOG_H_
