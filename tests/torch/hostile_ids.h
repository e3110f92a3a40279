// What stands between ids past the end of a table and the device: the whole
// pipeline over a backend, with requests that hold such ids among good ones. A
// program links weir_hostile_ids and names its subjects, as for the suite in
// tests/torch/concurrency.h.
//
// Thread-safety: as the tests need.
// Ownership: a subject owns its backend and clock; a test owns its subject.
// Failure: a test fails and quotes the first wrong answer.
#ifndef WEIR_TESTS_TORCH_HOSTILE_IDS_H_
#define WEIR_TESTS_TORCH_HOSTILE_IDS_H_

#include <memory>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "gtest/gtest.h"
#include "sync/clock.h"
#include "tests/support/real_pipeline.h"
#include "tests/support/wrong_answers.h"

namespace weir {

// A model of one integer input, which indexes a table.
struct HostileTable {
  ModelSource source;
  ValueRange values;  // that it can take; the backend is to know
};

struct HostileSubject {
  virtual ~HostileSubject() = default;

  std::unique_ptr<Clock> clock = {};
  std::unique_ptr<Backend> backend = {};
  std::string device = {};
  int slots = 8;
  std::vector<HostileTable> tables = {};
};

struct HostileParameter {
  std::string name;
  std::unique_ptr<HostileSubject> (*make)();
};

inline std::string HostileName(
    const testing::TestParamInfo<HostileParameter>& info) {
  return info.param.name;
}

class HostileIdsTest : public testing::TestWithParam<HostileParameter> {
 protected:
  static constexpr int kNumThreads = 8;
  static constexpr int kNumHostile = 10000;

  // A good request and its answer.
  struct Sample {
    std::string model;
    ModelSignature signature;
    std::vector<NamedTensor> inputs;
    Outputs answer;
  };

  void SetUp() override;

  // Sends hostile and good requests in turn, each once the one before is
  // answered.
  void SendInTurn(const std::vector<Sample>& samples, int thread,
                  int num_hostile, WrongAnswers& wrong);

  std::unique_ptr<HostileSubject> subject_;
  std::unique_ptr<RealPipeline> rig_;
  std::vector<Sample> samples_;
};

}  // namespace weir

#endif  // WEIR_TESTS_TORCH_HOSTILE_IDS_H_
