#include "tests/torch/concurrency.h"

#include <latch>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sync/thread.h"
#include "tests/support/made_inputs.h"
#include "tests/support/output_difference.h"
#include "tests/support/scale.h"

namespace weir {
namespace {

constexpr int kNumJobsPerModel = 8;

// What is wrong with one run of a job; empty: nothing.
std::string RunJob(const ConcurrencyJob& job, SlotPool& pool, int& slot) {
  absl::StatusOr<SlotLease> lease = pool.Acquire(slot, kNever);
  if (!lease.ok()) return lease.status().ToString();
  slot = lease->slot().index();
  const RunResult result = RunTogether(*job.model, *lease, job.requests);
  lease->Release(result.stats);
  if (!result.outputs.ok()) return result.outputs.status().ToString();
  if (result.fault.has_value()) return "a fault";
  return Difference(*result.outputs, job.alone);
}

}  // namespace

void ConcurrencyTest::SetUp() {
  subject_ = GetParam().make();
  rig_ = std::make_unique<BackendRig>(*subject_->backend, *subject_->clock,
                                      subject_->device, subject_->slots);
  for (const ModelSource& source : subject_->models) {
    models_.push_back(rig_->Load(source));
    ASSERT_FALSE(models_.back()->signature().inputs.empty()) << source.name;
    ASSERT_EQ(models_.back()->signature().runs_max, 0) << source.name;
  }
}

void ConcurrencyTest::TearDown() {
  for (std::unique_ptr<Model>& model : models_) rig_->Free(std::move(model));
}

std::vector<ConcurrencyJob> ConcurrencyTest::MakeJobs(int num_requests) {
  std::vector<ConcurrencyJob> jobs;
  uint32_t seed = 0;
  for (int i = 0; i < kNumJobsPerModel; ++i) {
    for (size_t m = 0; m < models_.size(); ++m) {
      ConcurrencyJob job{models_[m].get(), subject_->models[m].name, {}, {}};
      for (int request = 0; request < num_requests; ++request) {
        ++seed;
        job.requests.push_back(
            MadeInputs(job.model->signature(), 1 + seed % 4, seed));
      }
      SlotLease lease = OrDie(pool().Acquire(0, kNever));
      job.alone = OrDie(RunTogether(*job.model, lease, job.requests).outputs);
      jobs.push_back(std::move(job));
    }
  }
  return jobs;
}

void ConcurrencyTest::RunJobs(const std::vector<ConcurrencyJob>& jobs,
                              int num_threads, int num_rounds,
                              WrongAnswers& wrong) {
  std::latch start(num_threads);
  std::vector<Thread> threads;
  for (int self = 0; self < num_threads; ++self) {
    threads.emplace_back("runner", [&, self] {
      int slot = self;
      // A prime apart, so that threads meet in changing company.
      auto next = static_cast<size_t>(self) * 13;
      start.arrive_and_wait();
      for (int round = 0; round < Scaled(num_rounds); ++round) {
        for (size_t i = 0; i < models_.size(); ++i) {
          const ConcurrencyJob& job = jobs[next++ % jobs.size()];
          const std::string why = RunJob(job, pool(), slot);
          if (!why.empty()) wrong.Add(absl::StrCat(job.name, ": ", why));
        }
      }
    });
  }
}

// R50
TEST_P(ConcurrencyTest, AnswersMixedModelsOnAllSlotsAsAlone) {
  const std::vector<ConcurrencyJob> jobs = MakeJobs(1);
  WrongAnswers wrong;
  RunJobs(jobs, kNumThreads, kNumRounds, wrong);
  EXPECT_EQ(wrong.count(), 0) << wrong.first();
}

TEST_P(ConcurrencyTest, AnswersABatchNearlyAsItsRequestsAlone) {
  for (const ConcurrencyJob& job : MakeJobs(3)) {
    SlotLease lease = OrDie(pool().Acquire(-1, kNever));
    std::vector<Outputs> alone;
    for (const std::vector<NamedTensor>& request : job.requests) {
      alone.push_back(OrDie(RunTogether(*job.model, lease, {request}).outputs));
    }
    EXPECT_EQ(DifferenceByRequest(job.alone, alone), "") << job.name;
  }
}

// R50
TEST_P(ConcurrencyTest, AnswersMixedBatchesOnAllSlotsAsAlone) {
  const std::vector<ConcurrencyJob> jobs = MakeJobs(3);
  WrongAnswers wrong;
  RunJobs(jobs, kNumThreads, kNumRounds, wrong);
  EXPECT_EQ(wrong.count(), 0) << wrong.first();
}

// R52
TEST_P(ConcurrencyTest, AnswersAsAloneAroundItsNumberOfSlots) {
  const std::vector<ConcurrencyJob> jobs = MakeJobs(2);
  const int capacity = pool().num_slots();
  for (const int num_threads :
       {capacity - 1, capacity, capacity + 1, 2 * capacity}) {
    WrongAnswers wrong;
    RunJobs(jobs, num_threads, kNumRounds / 4, wrong);
    EXPECT_EQ(wrong.count(), 0) << num_threads << " threads: " << wrong.first();
  }
  EXPECT_EQ(pool().Read().num_leased, 0);
}

}  // namespace weir
