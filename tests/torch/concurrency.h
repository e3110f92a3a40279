// What a backend promises of many threads on its slots: the models of real work
// answer there as they do alone. A suite like tests/backend/contract.h: a
// program links weir_concurrency and names its subjects.
//
//   std::unique_ptr<ConcurrencySubject> MakeCpu();
//   INSTANTIATE_TEST_SUITE_P(
//       Cpu, ConcurrencyTest,
//       testing::Values(ConcurrencyParameter{"Torch", &MakeCpu}),
//       ConcurrencyName);
//
// Thread-safety: as the tests need.
// Ownership: a subject owns its backend and clock; a test owns its subject, and
// the models that it loaded.
// Failure: a test fails and quotes the first wrong answer.
#ifndef WEIR_TESTS_TORCH_CONCURRENCY_H_
#define WEIR_TESTS_TORCH_CONCURRENCY_H_

#include <memory>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "gtest/gtest.h"
#include "sync/clock.h"
#include "tests/support/backend_rig.h"
#include "tests/support/wrong_answers.h"

namespace weir {

struct ConcurrencySubject {
  virtual ~ConcurrencySubject() = default;

  std::unique_ptr<Clock> clock = {};
  std::unique_ptr<Backend> backend = {};
  std::string device = {};
  int slots = 8;  // a device may have fewer
  // Pure functions of declared inputs, which take batches.
  std::vector<ModelSource> models = {};
};

struct ConcurrencyParameter {
  std::string name;
  std::unique_ptr<ConcurrencySubject> (*make)();
};

inline std::string ConcurrencyName(
    const testing::TestParamInfo<ConcurrencyParameter>& info) {
  return info.param.name;
}

// Requests that run as one batch on a model, and the answer that it gave to
// them while nothing else ran.
struct ConcurrencyJob {
  Model* model = nullptr;
  std::string name;
  std::vector<std::vector<NamedTensor>> requests;
  Outputs alone;
};

class ConcurrencyTest : public testing::TestWithParam<ConcurrencyParameter> {
 protected:
  // At once, however few slots the device has.
  static constexpr int kNumThreads = 8;
  static constexpr int kNumRounds = 200;

  void SetUp() override;
  void TearDown() override;

  SlotPool& pool() { return rig_->pool(); }
  // Some jobs for each model, of so many requests of 1 to 4 rows each.
  std::vector<ConcurrencyJob> MakeJobs(int num_requests);
  // Each thread runs a job of each model in each round and compares bit by bit.
  void RunJobs(const std::vector<ConcurrencyJob>& jobs, int num_threads,
               int num_rounds, WrongAnswers& wrong);

  std::unique_ptr<ConcurrencySubject> subject_;
  std::unique_ptr<BackendRig> rig_;
  std::vector<std::unique_ptr<Model>> models_;
};

}  // namespace weir

#endif  // WEIR_TESTS_TORCH_CONCURRENCY_H_
