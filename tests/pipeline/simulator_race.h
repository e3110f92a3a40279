// SimulatedRace: models that compete for one device, and how evenly it serves
// them. For each two models and each interval in which both may run all the
// time, the device seconds dispatched per weight must not differ by more than
//
//   (slots + 1) x (max_run_i / weight_i + max_run_j / weight_j)
//
// and the same for each part of such an interval: the difference between its
// highest and its lowest value is the most that any part can show.
//
//   SimulatedRace race(seed);
//   EXPECT_LE(race.Run(), 1);    // the worst case, in parts of the bound
//
// Thread-safety: none.
// Ownership: owns all that it plays with.
// Failure: none.
#ifndef WEIR_TESTS_PIPELINE_SIMULATOR_RACE_H_
#define WEIR_TESTS_PIPELINE_SIMULATOR_RACE_H_

#include <map>
#include <vector>

#include "server/pipeline/scheduler_state.h"
#include "tests/pipeline/simulator_dice.h"

namespace weir {

class SimulatedRace {
 public:
  explicit SimulatedRace(uint64_t seed);

  double Run();

 private:
  struct Runner {
    VersionId version = 0;
    double weight = 1;
    int runs_max = 0;
    bool comes_and_goes = false;
    Duration usual_run{0};
    Duration rare_run{0};  // now and then, and for a while each time
    bool is_slow = false;
    int num_queued = 0;
    int num_running = 0;
    double max_run_seconds = 0;
    double work = 0;  // device seconds dispatched, per weight
  };
  struct Running {
    RunId run;
    WorkerId worker;
    Runner* runner;
    Duration busy;
  };
  // While two runners both may run.
  struct Together {
    bool is_open = false;
    double low = 0;
    double high = 0;
  };

  void AddRunner();
  bool MayRun(const Runner& runner) const {
    return runner.num_queued > 0 && runner.num_running < runner.runs_max;
  }
  Duration DrawBusy(Runner& runner);
  void Arrive();
  void Submit(Runner& runner);
  void TakeAll();
  void FinishFirst();
  void NoteWork();
  void NoteWhoMayRun();
  template <typename Visit>
  void ForEachPair(Visit visit);

  Dice dice_;
  AnswerLedger ledger_;
  TimePoint now_{std::chrono::hours(1)};
  SchedulerState state_{1'000'000};
  int num_slots_ = 0;
  std::vector<Runner> runners_;
  std::vector<WorkerId> free_workers_;
  std::multimap<TimePoint, Running> running_;  // by when they end
  std::map<std::pair<size_t, size_t>, Together> together_;
  std::vector<size_t> runner_of_;  // each ticket
  double worst_ = 0;
};

}  // namespace weir

#endif  // WEIR_TESTS_PIPELINE_SIMULATOR_RACE_H_
