// Scheduler: the queues of the server, and where workers wait for work.
//
//   Ticket ticket = scheduler.NewTicket();      // before Submit: see below
//   scheduler.Submit(std::move(request));       // queued, or answered
//   ...
//   while (scheduler.AwaitWork(worker)) { ... }  // worker.cc: the whole loop
//
// The thin locked shell of SchedulerState, which holds every rule. It adds the
// mutex, the clock, the threads' waits, and it answers outside the lock: no
// completion, pool or model is ever called under it.
//
// A ticket is drawn before Submit because the answer, or the client's
// cancellation, may come before Submit returns. Cancel() of a ticket that is
// not queued yet does nothing: an edge that may see both at once looks for the
// cancellation again after Submit.
//
// Thread-safety: any number of threads, from server start to destruction.
// Ownership: owns queued requests and the completions of running ones; Close()
// answers the former, their workers or GiveUpRuns() the latter. Outlives
// workers, timer and watchdog.
// Failure: refusals are answers. Nothing here fails otherwise.
#ifndef WEIR_SERVER_PIPELINE_SCHEDULER_H_
#define WEIR_SERVER_PIPELINE_SCHEDULER_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "backend/slot_lease.h"
#include "backend/slot_pool_state.h"
#include "server/pipeline/batch.h"
#include "server/pipeline/request.h"
#include "server/pipeline/scheduler_state.h"
#include "sync/clock.h"
#include "sync/mutex.h"

namespace weir {

class Scheduler {
 public:
  // `overload_code` is the status of what is refused because of load.
  Scheduler(int total_requests_max, absl::StatusCode overload_code,
            Clock& clock);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Devices are known by the name that their pool reports news under.
  DeviceIndex AddDevice(const std::string& name, int num_slots);
  WorkerId AddWorker(DeviceIndex device);

  VersionId NewVersionId() { return next_version_.fetch_add(1); }
  void AddVersion(const VersionSpec& spec);
  void EndDelays(VersionId version);
  void RemoveVersion(VersionId version);

  Ticket NewTicket() { return next_ticket_.fetch_add(1); }

  // Queues the request for its model, or answers it.
  void Submit(RequestPtr request);
  // Answers the request if it is queued; tells its run to stop if it was the
  // last that waited for it.
  void Cancel(Ticket ticket);

  // For workers, in the order of worker.cc.

  // Waits until the worker's device may run something. False: closed.
  bool AwaitWork(WorkerId worker);
  // Leaves the duty to take what is ready to another worker, since this one is
  // about to wait for a slot.
  void PassBaton(WorkerId worker);
  // The next batch for the lease's slot; empty where another worker was faster.
  Batch TakeBatch(WorkerId worker, const SlotLease& lease);
  // The batch starts over, one request at a time, and gets its time anew. The
  // time now; nothing where the watchdog has claimed the run.
  std::optional<TimePoint> RunAgain(const Batch& batch);
  // Ends the run. True: the batch is the caller's to answer. False: the
  // watchdog has claimed and answered it.
  bool Finished(Batch& batch, const BatchResult& result);

  // For the timer: waits for the next timed change and makes it. False: closed.
  bool AwaitTimedChange();

  // For the watchdog: waits until runs are overdue and claims them. Nothing:
  // EndWatch was called.
  std::optional<StuckRuns> AwaitStuckRuns();
  void EndWatch();

  // For work under a lease that is no request's: loading, warming up, freeing.
  // It is watched like a run.
  RunId StartUpkeep(DeviceIndex device, const SlotLease& lease,
                    TimePoint deadline);
  // False: it was claimed by the watchdog.
  bool FinishUpkeep(RunId run);

  // Takes a pool's news; news older than the last is ignored.
  void OnService(const std::string& device, const ServiceNews& news);

  void StartDraining();
  // Waits until nothing is queued and nobody waits for a run. False: the
  // deadline came first.
  bool AwaitDrained(TimePoint deadline);
  // Answers the requests of all runs UNAVAILABLE, and leaves the runs alone.
  void GiveUpRuns();
  // Answers all that is still queued, and ends every wait in here but the
  // watchdog's.
  void Close();

  absl::Status WhyNotReady(const std::string& model) const;
  Duration RetryAfter(const std::string& model) const;
  SchedulerState::ModelView ViewModel(const std::string& model) const;
  SchedulerState::DeviceView ViewDevice(DeviceIndex device) const;

 private:
  // Where one worker sleeps.
  struct Seat {
    CondVar woken;
  };

  // Whom a change of the state gives something to do.
  struct Wakes {
    std::vector<Seat*> seats;
    bool timer = false;
    bool drained = false;
  };
  Wakes Collect() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Wake(const Wakes& wakes);
  class Turn;

  Clock& clock_;
  std::atomic<Ticket> next_ticket_ = 1;
  std::atomic<VersionId> next_version_ = 1;

  mutable Mutex mutex_;
  CondVar timer_woken_;
  CondVar watchdog_woken_;
  CondVar drained_;
  SchedulerState state_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Seat>> seats_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> devices_ ABSL_GUARDED_BY(mutex_);
  bool draining_ ABSL_GUARDED_BY(mutex_) = false;
  bool watch_ended_ ABSL_GUARDED_BY(mutex_) = false;
  // What the timer sleeps until.
  TimePoint timer_until_ ABSL_GUARDED_BY(mutex_) = kNever;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_SCHEDULER_H_
