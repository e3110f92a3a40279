// SchedulerState: every queue, bound, share, cap and run of the server, and who
// is woken for what. No lock, no thread, no clock: each call is told the time,
// so a seed replays a schedule exactly. Scheduler is its locked shell.
//
//   SchedulerState state(limits);
//   DeviceIndex cpu = state.AddDevice("cpu", /*num_slots=*/2);
//   WorkerId worker = state.AddWorker(cpu);
//   state.AddVersion(spec, now);
//   std::optional<Answer> refused = state.Submit(request, spec.id, now);
//   if (state.Seek(worker, now)) {
//     TakenBatch taken = state.TakeBatch(worker, lease_ticket, now);
//     ...
//     auto completions = state.Finished(taken.run, outcome, now);
//   }
//
// Who answers: a queued request is taken out by exactly one of TakeBatch,
// Expire, Cancel, ClaimStuck, OnService and Close, and whoever called that one
// answers it; a running one by exactly one of Finished and ClaimStuck.
//
// Who is woken: whenever a model may run on a device, a worker there is idle
// and nobody who could take that model is on the way, one worker is woken. The
// one who takes a batch, or must wait for a slot, leaves the duty to the next:
// that is the baton. So there is never an idle worker, a free slot and runnable
// work at once, and no more wake-ups than that needs.
//
// Invariants, checked: requests queued <= their bounds; runs of a model on a
// device <= its cap; one request of a version's exclusive key at a time;
// nothing is started after its deadline.
//
// Thread-safety: none; Scheduler's mutex guards it.
// Ownership: owns the queued requests and the completions of running ones.
// Failure: a refusal is an Answer, and leaves the request with the caller.
#ifndef WEIR_SERVER_PIPELINE_SCHEDULER_STATE_H_
#define WEIR_SERVER_PIPELINE_SCHEDULER_STATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "backend/slot_pool_state.h"
#include "server/pipeline/fair_share.h"
#include "server/pipeline/pending_answer.h"
#include "server/pipeline/request_queue.h"
#include "server/pipeline/run_estimate.h"
#include "server/pipeline/run_table.h"
#include "server/pipeline/worker_line.h"

namespace weir {

// Versions of a model share its turn: the one whose first request comes first,
// by priority and arrival, runs next.
struct VersionSpec {
  VersionId id = 0;  // never used twice
  std::string model = {};
  std::vector<DeviceIndex> devices = {};
  BatchPolicy batch = {};
  // Of the model: what its newest version says stands for all of them.
  double weight = 1;
  int runs_max = 0;  // at once on each device; 0: as many as it has slots
  int requests_max = 512;
  int64_t bytes_max = 0;
  Duration run_time_max = std::chrono::seconds(60);  // of this version alone
};

struct TakenBatch {
  RunId run = 0;  // 0: there was nothing to take
  std::vector<RequestPtr> requests;
  int64_t rows = 0;
  const std::atomic<bool>* stop = nullptr;  // lives as long as the run
  PendingAnswers expired;                   // to be answered by the caller
};

struct RunOutcome {
  Duration busy{0};     // of the device
  bool failed = false;  // then it teaches nothing about how long a run takes
};

// A run that its worker finished, or the watchdog claimed.
struct EndedRun {
  std::vector<Completion> completions;
  std::vector<StageTimes> times;
};

struct ClaimedRun {
  RunId run = 0;
  DeviceIndex device = 0;
  LeaseTicket lease = 0;
  std::string model;             // empty: upkeep
  bool all_slots_stuck = false;  // the device is lost with it
};

struct StuckRuns {
  std::vector<ClaimedRun> claimed;
  PendingAnswers answers;
};

class SchedulerState {
 public:
  // `total_requests_max` bounds what waits for all models together.
  // `overload_code` is the status of what is refused because of load.
  explicit SchedulerState(
      int total_requests_max,
      absl::StatusCode overload_code = absl::StatusCode::kResourceExhausted)
      : total_requests_max_(total_requests_max),
        overload_code_(overload_code) {}

  DeviceIndex AddDevice(std::string name, int num_slots);
  WorkerId AddWorker(DeviceIndex device);
  void AddVersion(const VersionSpec& spec, TimePoint now);
  // The version takes no more requests that wait for company.
  void EndDelays(VersionId version, TimePoint now);
  // REQUIRES: nothing of it is queued or runs.
  void RemoveVersion(VersionId version);

  // Queues the request and takes it, or says why not and leaves it.
  std::optional<Answer> Submit(RequestPtr& request, VersionId version,
                               TimePoint now);

  // The worker asks for work. True: it goes to take a batch. False: it is idle
  // until TakeWakes() names it, or for ever once closed.
  bool Seek(WorkerId worker, TimePoint now);
  bool IsSeeking(WorkerId worker) const;
  // A seeking worker is about to wait for a slot.
  void PassBaton(WorkerId worker, TimePoint now);
  TakenBatch TakeBatch(WorkerId worker, LeaseTicket lease, TimePoint now);
  // The run starts over, so its time does. False: it was claimed.
  bool Extend(RunId run, TimePoint now);
  // Nothing: the watchdog claimed the run and has answered.
  std::optional<EndedRun> Finished(RunId run, const RunOutcome& outcome,
                                   TimePoint now);

  // Work under a lease that is no request's: loading, warming up, freeing. It
  // is claimed like a run when it takes too long; False then.
  RunId StartUpkeep(DeviceIndex device, LeaseTicket lease, TimePoint deadline);
  bool FinishUpkeep(RunId run);

  PendingAnswers Expire(TimePoint now);
  // Takes a queued request out; a running one's run is told to stop once all of
  // its requests were cancelled. Nothing where the ticket is not known.
  std::optional<PendingAnswer> Cancel(Ticket ticket, TimePoint now);
  StuckRuns ClaimStuck(TimePoint now);
  // Claims every run that requests wait for: the server is going away.
  PendingAnswers GiveUpRuns(TimePoint now);
  // Takes news of a device's slots. Older news than the last is ignored.
  PendingAnswers OnService(DeviceIndex device, const ServiceNews& news,
                           TimePoint now);

  // Refuses new requests and ends all delays.
  void StartDraining(TimePoint now);
  // Nothing is queued and nobody waits for a run.
  bool IsDrained() const { return places_.empty() && !runs_.HasAwaited(); }
  // Takes out all that is queued, and sends every worker home.
  PendingAnswers Close(TimePoint now);
  bool closed() const { return closed_; }

  // The workers to wake since the last call.
  std::vector<WorkerId> TakeWakes() { return std::exchange(wakes_, {}); }
  // When Expire must be called next, if nothing else happens.
  TimePoint NextTimedChange() const;
  TimePoint NextRunDeadline() const { return runs_.NextDeadline(); }
  // The shortest run_time_max of all versions: no run that has not begun yet
  // can be overdue before that.
  Duration RunTimeMin() const;

  // Why a model could not answer now: OK where it can. One whose slots are all
  // out of service is not ready, though its requests wait for their repair.
  absl::Status WhyNotReady(const std::string& model) const;
  // When a request that is refused now may find room.
  Duration RetryAfter(const std::string& model) const;

  struct ModelView {
    int64_t num_queued = 0;
    int64_t bytes_queued = 0;
    // How long a request that came now would wait; zero where nobody knows.
    Duration estimated_wait{0};
    int num_running = 0;
    int num_stuck = 0;
    // Time of runs that let none of the model beside them though there were
    // slots, by the devices where that is or was so.
    std::vector<std::pair<std::string, Duration>> serialized = {};
  };
  struct DeviceView {
    int num_idle = 0;
    int num_seeking = 0;
    int num_blocked = 0;
    int num_running = 0;
    int num_stuck = 0;  // of those; loads and repairs too
    bool has_eligible = false;
    // Eligible, and nobody on the way who could take it: a wake-up was lost.
    bool has_uncovered = false;
  };
  ModelView ViewModel(const std::string& model) const;
  DeviceView ViewDevice(DeviceIndex device) const;
  int64_t num_queued() const { return num_queued_; }
  size_t num_running() const { return runs_.size(); }

 private:
  struct Worker {
    DeviceIndex device;
    WorkerPhase phase;
  };
  struct Device {
    std::string name;
    int num_slots;
    ServiceNews service = {};
    int num_running = 0;
    int num_stuck = 0;
    FairShare share = {};
    WorkerLine workers = {};
  };
  // What a model does on one device.
  struct Flow {
    int num_running = 0;
    int num_stuck = 0;
    RunEstimate estimate;
    Duration serialized{0};
  };
  struct Version {
    VersionSpec spec;
    RequestQueue queue;
    int num_running = 0;
    TimePoint ready_since = kNever;  // kNever: not ready
    TimePoint timed_at = kNever;     // its entry in timed_
  };
  struct ModelEntry {
    FlowId id;
    std::string name;
    std::vector<VersionId> versions = {};  // oldest first
    std::map<DeviceIndex, Flow> flows = {};
    int64_t num_queued = 0;
    int64_t bytes_queued = 0;
  };
  // Where a request that was accepted is: in a queue, or in a run.
  struct Place {
    VersionId version = 0;
    QueuePlace queue;
    RunId run = 0;  // 0: queued
  };

  Version& At(VersionId version) { return *versions_.at(version); }
  const Version& At(VersionId version) const { return *versions_.at(version); }
  ModelEntry& ModelOf(const Version& version) {
    return models_.at(names_.at(version.spec.model));
  }
  const VersionSpec& Newest(const ModelEntry& model) const {
    return At(model.versions.back()).spec;
  }

  std::optional<Answer> WhyRefused(const Request& request,
                                   const Version& version,
                                   const ModelEntry& model,
                                   TimePoint now) const;
  Answer Overload(const ModelEntry& model, Refusal refusal,
                  const std::string& what, int64_t have, int64_t most) const;
  Duration EstimatedWait(const ModelEntry& model) const;
  Duration RetryAfter(const ModelEntry& model) const;
  // Why no device can run the version, however long one waits; nothing where
  // one can.
  std::optional<Answer> WhyUnable(const ModelEntry& model,
                                  const Version& version) const;
  // A slot that is in service may run the version, at once or when it is free.
  bool HasSlot(const ModelEntry& model, const Version& version) const;
  static bool RunsOn(const Version& version, DeviceIndex device);
  bool IsUsed(const ModelEntry& model, DeviceIndex device) const;
  int CapOf(const ModelEntry& model, DeviceIndex device) const;
  // The cap keeps slots of the device from the model's second run.
  bool IsSerial(const ModelEntry& model, DeviceIndex device) const;

  // Notes that a request left its queue.
  void Forget(const Request& request, ModelEntry& model);
  void TakeOutAll(Version& version, const Answer& why, PendingAnswers& answers);
  // Takes out what waits for a version that cannot run.
  void TakeOutUnable(PendingAnswers& answers);
  // Takes one queued request out, expired or cancelled.
  PendingAnswer TakeOut(const Place& place, Ticket ticket, Refusal refusal,
                        TimePoint now);
  RunId StartRun(Version& version, WorkerId worker, LeaseTicket lease,
                 const RequestQueue::Taken& taken, TimePoint now);
  Version* FirstReady(const ModelEntry& model, DeviceIndex device);

  // Takes a run's requests from its worker, and answers them.
  void Claim(Run& run, const Answer& why, TimePoint now,
             PendingAnswers& answers);

  // Recomputes what the model may run, and where.
  void Refresh(ModelEntry& model, TimePoint now);
  void RefreshEligible(const ModelEntry& model);
  void ObeyNewest(ModelEntry& model);
  void RefreshVersion(VersionId id, Version& version, TimePoint now);
  void RefreshAll(TimePoint now);
  // Makes ready what waited long enough.
  void AdvanceTo(TimePoint now);
  // Wakes one worker for each device that has work nobody is coming for.
  void Rebalance();
  bool NeedsWorker(DeviceIndex device) const;
  bool IsCoveredElsewhere(FlowId flow, DeviceIndex device) const;
  void MoveWorker(WorkerId worker, WorkerPhase phase);

  const int total_requests_max_;
  const absl::StatusCode overload_code_;
  bool draining_ = false;
  bool closed_ = false;
  std::vector<Device> devices_;
  std::vector<Worker> workers_;
  std::map<FlowId, ModelEntry> models_;
  absl::flat_hash_map<std::string, FlowId> names_;
  absl::flat_hash_map<VersionId, std::unique_ptr<Version>> versions_;
  RunTable runs_;

  absl::flat_hash_map<Ticket, Place> places_;
  std::set<std::pair<TimePoint, Ticket>> deadlines_;  // of queued requests
  std::set<std::pair<TimePoint, VersionId>> timed_;   // queues not yet ready
  std::vector<WorkerId> wakes_;
  int64_t num_queued_ = 0;
  uint64_t last_arrival_ = 0;
  FlowId last_flow_ = 0;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_SCHEDULER_STATE_H_
