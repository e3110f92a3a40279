#include "tests/support/twin/twin_log.h"

#include <algorithm>
#include <atomic>

namespace weir {

uint64_t TwinThreadNumber() {
  static std::atomic<uint64_t> num_threads = 0;
  thread_local const uint64_t number =
      num_threads.fetch_add(1, std::memory_order_relaxed) + 1;
  return number;
}

void TwinLog::Add(std::string_view name, int64_t stream) {
  WeirTwinLogEntry entry = {};
  name.copy(entry.name, sizeof(entry.name) - 1);
  entry.stream = stream;
  entry.thread = TwinThreadNumber();
  MutexLock lock(mutex_);
  entry.ordinal = num_added_++;
  if (entries_.size() == kEntriesMax) entries_.pop_front();
  entries_.push_back(entry);
}

void TwinLog::Clear() {
  MutexLock lock(mutex_);
  num_added_ = 0;
  entries_.clear();
}

size_t TwinLog::Read(WeirTwinLogEntry* entries, size_t max) {
  MutexLock lock(mutex_);
  std::copy_n(entries_.begin(), std::min(max, entries_.size()), entries);
  return entries_.size();
}

uint64_t TwinLog::num_missed() {
  MutexLock lock(mutex_);
  return num_added_ - entries_.size();
}

}  // namespace weir
