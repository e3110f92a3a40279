// FakeLog: what a fake backend did, step by step, on which slot and thread.
//
//   for (const FakeStep& step : backend.Log()) {
//     EXPECT_EQ(step.slot, lease_slot) << FakeStageName(step.stage);
//   }
//
// Thread-safety: any number of threads.
// Ownership: owned by its FakeBackend.
// Failure: bounded; past its length the oldest steps are dropped.
#ifndef WEIR_BACKEND_FAKE_FAKE_LOG_H_
#define WEIR_BACKEND_FAKE_FAKE_LOG_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "sync/mutex.h"

namespace weir {

enum class FakeStage {
  kLoad,
  kAlloc,
  kHostToDevice,
  kRun,
  kSync,
  kDeviceToHost,
  kFree,
  kEmptyCache,
  kRevive,
};

// As scripts in model.yaml write them.
inline constexpr std::array<std::string_view, 9> kFakeStageNames = {
    "load", "alloc", "h2d",         "run",   "sync",
    "d2h",  "free",  "empty_cache", "revive"};

inline std::string_view FakeStageName(FakeStage stage) {
  return kFakeStageNames[static_cast<size_t>(stage)];
}

struct FakeStep {
  FakeStage stage = FakeStage::kRun;
  std::string device = {};
  int slot = -1;
  std::thread::id thread = {};
  std::string model = {};  // empty: the step is not a model's
  int64_t version = 0;
  int64_t run = 0;  // the model's runs, counted from 1
  int num_requests = 0;
  int64_t rows = 0;
  std::string trace_id = {};
};

class FakeLog {
 public:
  explicit FakeLog(size_t steps_max) : steps_max_(steps_max) {}

  void Add(FakeStep step) {
    if (steps_max_ == 0) return;
    MutexLock lock(mutex_);
    if (steps_.size() == steps_max_) steps_.pop_front();
    steps_.push_back(std::move(step));
  }

  std::vector<FakeStep> Read() const {
    MutexLock lock(mutex_);
    return {steps_.begin(), steps_.end()};
  }

 private:
  const size_t steps_max_;
  mutable Mutex mutex_;
  std::deque<FakeStep> steps_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_BACKEND_FAKE_FAKE_LOG_H_
