// MemoryObserver: what an operator would be told, as lines that a test can
// await and read.
//
//   observer.Await("m/1 ready");
//
// Thread-safety: any number of threads.
// Ownership: outlives the pipeline.
// Failure: Await waits for ever for what never happens.
#ifndef WEIR_TESTS_SUPPORT_MEMORY_OBSERVER_H_
#define WEIR_TESTS_SUPPORT_MEMORY_OBSERVER_H_

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "server/pipeline/observer.h"
#include "sync/mutex.h"

namespace weir {

class MemoryObserver final : public Observer {
 public:
  void OnModelState(const std::string& model, int64_t version, ModelState state,
                    const absl::Status&) override {
    static constexpr std::array<const char*, 6> kStates = {
        "loading", "warming up", "ready", "draining", "failed", "unloaded"};
    Add(absl::StrCat(model, "/", version, " ",
                     kStates[static_cast<size_t>(state)]));
  }
  void OnStuckRun(const std::string& model,
                  const std::string& device) override {
    Add(absl::StrCat("stuck ", model, " on ", device));
  }
  void OnStuckRunReturned(const std::string& model,
                          const std::string& device) override {
    Add(absl::StrCat("returned ", model, " on ", device));
  }
  void OnDevice(const std::string& device, const ServiceNews& news) override {
    Add(absl::StrCat(device, " ", news.in_service, " in service",
                     news.lost ? ", lost" : ""));
  }
  void OnWarning(const std::string& sentence) override { Add(sentence); }

  // Called after each line. Set before anything happens.
  std::function<void()> then = [] {};

  void Await(const std::string& line) {
    MutexLock lock(mutex_);
    while (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) {
      added_.Wait(mutex_);
    }
  }
  std::vector<std::string> lines() const {
    MutexLock lock(mutex_);
    return lines_;
  }

 private:
  void Add(std::string line) {
    {
      MutexLock lock(mutex_);
      lines_.push_back(std::move(line));
      added_.NotifyAll();
    }
    then();
  }

  mutable Mutex mutex_;
  CondVar added_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_MEMORY_OBSERVER_H_
