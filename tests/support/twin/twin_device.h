// TwinDevice: the device behind "twin:0": its guise, its streams, the operators
// that run on it now, and what is wrong with it.
//
//   TwinRun run("aten::add.out", /*is_view=*/false);  // throws where it must
//   ... compute ...
//   if (run.is_corrupted()) ...
//
// Thread-safety: any thread.
// Ownership: one for the process, never destroyed.
// Failure: c10::Error and its kinds, with the texts of a real device.
#ifndef WEIR_TESTS_SUPPORT_TWIN_TWIN_DEVICE_H_
#define WEIR_TESTS_SUPPORT_TWIN_TWIN_DEVICE_H_

#include <chrono>
#include <cstdint>
#include <list>
#include <set>
#include <string>
#include <string_view>

#include "sync/mutex.h"
#include "tests/support/twin/twin_control.h"
#include "tests/support/twin/twin_guise.h"
#include "tests/support/twin/twin_log.h"

namespace weir {

class TwinDevice {
 public:
  static TwinDevice& Get();

  // As WeirTwinControl's. Configure is empty or says what is wrong.
  std::string Configure(std::string_view settings);
  void Reset();
  void Release();
  void Poison();
  void Heal();
  bool AwaitBlocked(uint64_t num_threads, std::chrono::milliseconds timeout);
  void Describe(WeirTwinStatus& status);

  TwinGuise guise();
  TwinLog& log() { return log_; }
  void Log(std::string_view name, int64_t stream);

  // The stream that is current on this thread.
  static int64_t current_stream();
  static int64_t ExchangeStream(int64_t stream);
  // A new one, as the guise says.
  int64_t TakeStream();

  // Throws where the device error sticks.
  void CheckHealth();
  // Throws where this synchronise call is one that fails.
  void CheckSynchronise();

 private:
  friend class TwinRun;

  // An operator that runs now.
  struct Running {
    int64_t stream = 0;
    bool has_met = false;
  };
  using Runs = std::list<Running>;

  // What a thread took, given back when it ends.
  struct Held {
    Held() = default;
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    ~Held();
    uint64_t pool = 0;
    std::set<int64_t> streams = {};
  };

  TwinDevice();
  void Apply(TwinGuise guise, bool starts_pool)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  int64_t TakeFree() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void GiveBack(const Held& held);
  // True where `run` is the second of two. Else holds it, until it is met or
  // its moment is over, where a fault is armed that has not struck yet.
  bool Meet(Runs::iterator run) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Waits for a release.
  void Block() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void ReleaseLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CheckHealthLocked() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  TwinLog log_;

  Mutex mutex_;
  CondVar changed_;  // anything below
  TwinGuise first_guise_ ABSL_GUARDED_BY(mutex_);
  TwinGuise guise_ ABSL_GUARDED_BY(mutex_);
  bool is_poisoned_ ABSL_GUARDED_BY(mutex_) = false;
  uint64_t num_releases_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t num_blocked_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t num_overlaps_ ABSL_GUARDED_BY(mutex_) = 0;
  bool has_struck_ ABSL_GUARDED_BY(mutex_) = false;  // the fault, since armed
  Runs runs_ ABSL_GUARDED_BY(mutex_);
  // The pool: its number, what is free of 31, and the last one of 32.
  uint64_t pool_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<int64_t> free_ ABSL_GUARDED_BY(mutex_);
  int64_t last_stream_ ABSL_GUARDED_BY(mutex_) = 0;
};

// An operator on the device, from its start to its end.
class TwinRun {
 public:
  // Logs it, and plays what befalls it. `name` is with its overload.
  TwinRun(const std::string& name, bool is_view);
  ~TwinRun();
  TwinRun(const TwinRun&) = delete;
  TwinRun& operator=(const TwinRun&) = delete;

  // Whether an output must be changed, and that this was done.
  bool is_corrupted() const { return is_corrupted_; }
  void NoteCorrupted();

 private:
  const bool is_view_;
  bool is_corrupted_ = false;
  TwinDevice::Runs::iterator running_;
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_TWIN_TWIN_DEVICE_H_
