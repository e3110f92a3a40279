// Simulator: one seeded schedule through a SchedulerState and a SlotPoolState
// for each device: workers, loaders, repairs, timer, watchdog and clients, each
// of whose steps may come before or after any step of another.
//
//   Simulator simulator(seed, /*has_trace=*/false);
//   EXPECT_EQ(simulator.Play(), "");       // else the rule that was broken
//
// The workers' steps are those of server/pipeline/worker.cc:
//
//   ask -> idle -> acquire -> pass baton -> acquire or wait -> take -> run
//       -> report -> finish -> release -> answer -> ask
//
// After each step SimulatorMirror and SimulatedPool compare what is with what
// must be, and the simulator itself looks for a lost and for a needless
// wake-up.
//
// Thread-safety: none.
// Ownership: owns all that it plays with.
// Failure: the first broken rule ends the schedule.
#ifndef WEIR_TESTS_PIPELINE_SIMULATOR_H_
#define WEIR_TESTS_PIPELINE_SIMULATOR_H_

#include <chrono>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/pipeline/scheduler_state.h"
#include "tests/pipeline/simulator_dice.h"
#include "tests/pipeline/simulator_mirror.h"
#include "tests/pipeline/simulator_pool.h"

namespace weir {

class Simulator {
 public:
  Simulator(uint64_t seed, bool has_trace);

  // Empty where all was well.
  std::string Play();
  int num_steps() const { return num_steps_; }

 private:
  enum class Stage {
    kAsk,
    kIdle,
    kAcquire,
    kPassBaton,
    kAcquireOrWait,
    kWaitForSlot,
    kTake,
    kRun,
    kReport,
    kFinish,
    kRelease,
    kAnswer,
    kHome,
  };
  struct Worker {
    DeviceIndex device = 0;
    Stage stage = Stage::kAsk;
    // What SchedulerState thinks of it: it seeks work, and says that it must
    // wait for a slot.
    bool is_on_its_way = false;
    bool has_passed_baton = false;
    int hint = -1;
    SlotGrant grant = {};
    TimePoint done_at = kNever;  // of the run; kNever: it is wedged
    std::optional<Fault> fault = std::nullopt;
    bool fails = false;
    RunStats stats = {};
    TakenBatch batch = {};
    SimulatorMirror::Line requests = {};
    std::vector<Completion> completions = {};
  };
  // Holds a lease without being a worker: it loads a model, or repairs a slot.
  struct Guest {
    bool is_here = false;
    DeviceIndex device = 0;
    SlotGrant grant = {};  // no ticket: it waits
    TimePoint done_at = kNever;
    bool is_repair = false;
  };
  struct Device {
    SimulatedPool pool;
    std::vector<WorkerId> idle;  // the last one at the end
  };
  // What the watchdog has claimed and not yet reported.
  struct Claim {
    DeviceIndex device;
    LeaseTicket lease;
    Fault fault;
  };

  // simulator.cc: the schedule.
  void Build();
  VersionSpec MakeSpec(int model);
  void Step();
  bool StepOnce(int kind);
  void PlayToTheEnd();
  bool StepToTheEnd();
  bool IsOver() const;
  void Check();
  void CheckNoLostWake(DeviceIndex device);
  void TakeWakes();
  void CheckWake(WorkerId worker);
  // Whether nobody is on the way who could take what may run on the device.
  bool IsUncovered(DeviceIndex device) const;
  bool IsComing(DeviceIndex device, bool though_waiting) const;

  // simulator_workers.cc: the workers.
  bool CanStep(const Worker& worker) const;
  bool StepAnyWorker();
  void StepWorker(WorkerId id);
  void Ask(WorkerId id);
  void WakeUp(WorkerId id);
  void Acquire(WorkerId id, bool may_wait);
  void TakeBatch(WorkerId id);
  void BeginRun(Worker& worker, TakenBatch batch);
  void EndRun(Worker& worker);
  void Finish(Worker& worker);
  void AnswerAll(Worker& worker);
  void PassSlots(DeviceIndex device);

  // simulator_events.cc: everybody else.
  bool Submit();
  bool Cancel();
  bool PassTime();
  bool Expire();
  bool ClaimStuck();
  bool ReportClaim();
  bool DeliverNews();
  bool BeginRepair();
  bool BeginLoad();
  bool EndGuest();
  bool UnwedgeRun();
  bool Reload();
  void Drain();
  void Close();
  SimulatedPool& PoolOf(DeviceIndex device) {
    return devices_[static_cast<size_t>(device)].pool;
  }
  Worker& At(WorkerId id) { return workers_[static_cast<size_t>(id)]; }
  Duration Milliseconds(int low, int high) {
    return std::chrono::milliseconds(dice_.Between(low, high));
  }
  Guest& AddGuest(DeviceIndex device, bool is_repair);
  template <typename... Parts>
  void Note(const Parts&... parts) {
    if (!has_trace_) return;
    const auto since = now_ - TimePoint(std::chrono::hours(1));
    std::printf("%4d %6.1f ms  %s\n", num_steps_, ToSeconds(since) * 1000,
                absl::StrCat(parts...).c_str());
  }

  Dice dice_;
  const bool has_trace_;
  const int total_requests_max_ = dice_.Between(3, 20);
  TimePoint now_{std::chrono::hours(1)};
  int num_steps_ = 0;
  bool is_ending_ = false;
  AnswerLedger ledger_;
  SimulatorReport report_;
  SchedulerState state_;
  SimulatorMirror mirror_;
  std::deque<Device> devices_;
  std::vector<Worker> workers_;
  std::vector<Guest> guests_;
  std::vector<Claim> claims_;
  VersionId last_version_ = 0;
  int num_models_ = 0;
};

}  // namespace weir

#endif  // WEIR_TESTS_PIPELINE_SIMULATOR_H_
