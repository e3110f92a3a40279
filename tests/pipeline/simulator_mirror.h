// SimulatorMirror: what must be true of the queues, runs and caps, worked out
// from the rules alone by plain loops. The simulator tells it each call that it
// makes to the SchedulerState; the mirror says what must have come of it, and
// compares.
//
//   MirrorRequest& request = mirror.Draw({...});
//   std::optional<Refusal> refusal = mirror.Judge(request, now);
//   ...
//   mirror.Expire(now);        // compares with the answers that arrived
//
// Thread-safety: none.
// Ownership: owns its requests. `report` outlives it.
// Failure: what is wrong goes to `report`.
#ifndef WEIR_TESTS_PIPELINE_SIMULATOR_MIRROR_H_
#define WEIR_TESTS_PIPELINE_SIMULATOR_MIRROR_H_

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/pipeline/scheduler_state.h"
#include "tests/pipeline/simulator_pool.h"

namespace weir {

struct MirrorRequest {
  Ticket ticket = 0;
  VersionId version = 0;
  int priority = kPriorityDefault;
  int64_t rows = 1;
  int64_t bytes = 0;
  TimePoint deadline = kNever;
  std::string key = {};
  std::string exclusive_key = {};

  TimePoint arrived = {};
  bool was_accepted = false;
  bool is_queued = false;
  bool is_cancelled = false;
  int num_answers = 0;
  Refusal told = Refusal::kNone;

  // Tickets grow with arrivals.
  std::pair<int, Ticket> place() const { return {priority, ticket}; }
};

struct MirrorRun {
  RunId id = 0;
  VersionId version = 0;
  DeviceIndex device = 0;
  LeaseTicket lease = 0;
  TimePoint deadline;
  const std::atomic<bool>* stop = nullptr;
  std::vector<MirrorRequest*> requests;
  bool is_claimed = false;
};

class SimulatorMirror {
 public:
  using Line = std::vector<MirrorRequest*>;

  SimulatorMirror(int total_requests_max, SimulatorReport& report)
      : total_requests_max_(total_requests_max), report_(&report) {}

  void AddDevice(int num_slots);
  void AddVersion(const VersionSpec& spec);
  void EndDelays(VersionId id) { versions_.at(id).delays_end = true; }
  void RemoveVersion(VersionId id);
  // Nothing of it is queued or runs.
  bool IsUnused(VersionId id) const;
  const std::map<std::string, std::vector<VersionId>>& models() const {
    return models_;
  }
  const VersionSpec& SpecOf(VersionId id) const {
    return versions_.at(id).spec;
  }

  MirrorRequest& Draw(const MirrorRequest& request);
  std::deque<MirrorRequest>& requests() { return requests_; }
  std::optional<Refusal> Judge(const MirrorRequest& request,
                               TimePoint now) const;
  void OnAnswer(MirrorRequest& request, const Answer& answer);

  // What was done, after the answers that came of it have arrived.
  void Refused(MirrorRequest& request, Refusal refusal);
  void Queued(MirrorRequest& request, TimePoint now);
  void Taken(DeviceIndex device, LeaseTicket lease, const TakenBatch& taken,
             TimePoint now);
  void Extended(RunId run, bool extended, TimePoint now);
  // Whether the run's worker may answer.
  bool Finished(RunId run);
  void Answered(const Line& requests);
  void Expired(TimePoint now);
  void Cancelled(Ticket ticket);
  void Claimed(const std::vector<ClaimedRun>& claimed, TimePoint now);
  void Told(DeviceIndex device, const ServiceNews& news);
  void Drained();
  void Closed();

  // Whether some version of the model may run on the device now.
  bool IsRunnable(const std::string& model, DeviceIndex device,
                  TimePoint now) const;
  bool HasRunnable(DeviceIndex device, TimePoint now) const;
  // When time alone changes something; `now` where it is due already.
  TimePoint NextTimed(TimePoint now) const;
  TimePoint NextClaim() const;
  const std::vector<MirrorRun>& runs() const { return runs_; }
  bool IsClosed() const { return closed_; }

  // Compares the state with this.
  void Check(const SchedulerState& state, TimePoint now) const;
  // The same when all is over.
  void CheckEnd() const;

 private:
  struct Version {
    VersionSpec spec;
    bool delays_end = false;
    Line queued = {};                                    // in their order
    std::map<std::string, MirrorRequest*> holders = {};  // of exclusive keys
  };
  struct Device {
    int num_slots = 0;
    ServiceNews service = {};
  };
  using Verdicts = std::vector<std::pair<MirrorRequest*, Refusal>>;

  int CapOf(const std::string& model, DeviceIndex device) const;
  int NumRuns(const std::string& model, DeviceIndex device,
              bool stuck_only) const;
  Line QueuedOf(const std::string& model) const;
  std::optional<Refusal> WhyUnable(const Version& version) const;
  bool CanRunNow(const Version& version) const;
  Line InLine(const Version& version) const;
  TimePoint ReadyAt(const Version& version) const;
  bool IsReadyOn(const Version& version, DeviceIndex device,
                 TimePoint now) const;
  std::pair<Line, Line> NextBatch(const Version& version, TimePoint now) const;
  void CheckChoice(const Version& version, DeviceIndex device,
                   TimePoint now) const;
  void CheckStarts(const Line& batch, const Version& version, TimePoint now);

  void LeaveQueue(MirrorRequest& request);
  void FreeKey(Version& version, const MirrorRequest& request);
  void TakeOut(Version& version, Refusal refusal, Verdicts& verdicts);
  void TakeOutUnable(Verdicts& verdicts);
  // The answers that arrived are these and no others.
  void Settle(const Verdicts& verdicts);

  const int total_requests_max_;
  SimulatorReport* report_;
  bool draining_ = false;
  bool closed_ = false;
  std::vector<Device> devices_;
  std::map<VersionId, Version> versions_;
  std::map<std::string, std::vector<VersionId>> models_;
  std::deque<MirrorRequest> requests_;
  std::vector<MirrorRun> runs_;
  Line arrived_answers_;
};

}  // namespace weir

#endif  // WEIR_TESTS_PIPELINE_SIMULATOR_MIRROR_H_
