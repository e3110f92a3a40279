// Modules that write to themselves, and what the process is set to.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/thread.h"
#include "tests/torch/torch_rig.h"

namespace weir {
namespace {

using ::testing::ElementsAre;

class TorchStateTest : public TorchTest {
 protected:
  static constexpr size_t kNumNewSizes = 50;

  struct NewSizes {
    Duration known = {};  // what a run of a known size takes, the median
    std::vector<Duration> fresh = {};  // the first run of each new one
  };

  // Of a model of its own.
  NewSizes RunNewSizes() {
    ModelSource source = TorchSource("mlp");
    const int64_t known_rows = kNumNewSizes + 1;
    source.config.batch = BatchConfig{.rows_max = known_rows};
    Model& model = Load(source);
    for (int i = 0; i < 100; ++i) TimeOf(model, known_rows);
    std::vector<Duration> known;
    for (int i = 0; i < 51; ++i) known.push_back(TimeOf(model, known_rows));
    std::sort(known.begin(), known.end());
    NewSizes sizes{.known = known[known.size() / 2]};
    for (size_t i = 0; i < kNumNewSizes; ++i) {
      sizes.fresh.push_back(TimeOf(model, static_cast<int64_t>(i) + 1));
    }
    return sizes;
  }

 private:
  Duration TimeOf(Model& model, int64_t rows) {
    const TensorSpec& x = model.signature().inputs[0];
    const std::vector<float> values(static_cast<size_t>(rows * x.shape[1]), 1);
    const NamedTensor input = {x.name, FloatTensor({rows, x.shape[1]}, values)};
    const TimePoint begin = clock_.Now();
    const RunResult result = Run(model, {input});
    EXPECT_TRUE(result.outputs.ok()) << result.outputs.status();
    return clock_.Now() - begin;
  }
};

const NamedTensor kRow = Rows("x", {1, 1, 1, 1});

int64_t CountOf(const RunResult& result) {
  if (!result.outputs.ok()) return -1;
  return ValuesOf<int64_t>((*result.outputs)[0].tensor)[0];
}

// R59: what a run leaves behind in a module is not lost and not run twice.
TEST_F(TorchStateTest, SeesAModuleThatWritesToItself) {
  for (const char* name : {"counter", "rebinds", "buffer_output",
                           "rebound_output", "list_state"}) {
    const ModelSignature& signature = Load(name).signature();
    EXPECT_TRUE(signature.stateful) << name;
    EXPECT_EQ(signature.runs_max, 1) << name;
  }
}

TEST_F(TorchStateTest, TakesAModuleThatWritesToItsTemporariesForAPureOne) {
  for (const char* name :
       {"pure_with_inplace", "mlp", "transformer", "convolution", "lstm",
        "embedding", "list_input", "dict_input", "writes_input", "writes_list",
        "pure_with_list"}) {
    const ModelSignature& signature = Load(name).signature();
    EXPECT_FALSE(signature.stateful) << name;
    EXPECT_EQ(signature.runs_max, 0) << name;
  }
}

TEST_F(TorchStateTest, TakesTheOperatorsWordThatAModelIsStateful) {
  ModelSource source = TorchSource("affine");
  source.config.stateful = true;
  const ModelSignature& signature = Load(source).signature();
  EXPECT_TRUE(signature.stateful);
  EXPECT_EQ(signature.runs_max, 1);
}

TEST_F(TorchStateTest, CountsEachRunOnce) {
  Model& model = Load("counter");
  for (int64_t run = 1; run <= 100; ++run) {
    EXPECT_EQ(CountOf(Run(model, {kRow})), run);
  }
}

TEST_F(TorchStateTest, KeepsAnAnswerThatBecamePartOfTheModule) {
  Model& model = Load("rebound_output");
  const RunResult first = Run(model, {kRow});
  const RunResult second = Run(model, {kRow});
  EXPECT_THAT(Said(second), ElementsAre("y [2,] 2 2"));
  EXPECT_THAT(Said(first), ElementsAre("y [2,] 1 1"));
}

TEST_F(TorchStateTest, KeepsACopyForEachSlot) {
  ModelSource source = TorchSource("counter");
  source.config.backend_options = {{"copies", "per_slot"}};
  Model& model = Load(source);
  EXPECT_EQ(model.signature().runs_max, 0);
  EXPECT_TRUE(model.signature().stateful);
  std::vector<int64_t> counts;
  for (const int slot : {0, 1, 0, 0, 1}) {
    SlotLease lease = *rig_.pool().Acquire(slot, kNever);
    ASSERT_EQ(lease.slot().index(), slot);
    counts.push_back(CountOf(RunTogether(model, lease, {{kRow}})));
  }
  EXPECT_THAT(counts, ElementsAre(1, 1, 2, 3, 2));
}

TEST_F(TorchStateTest, LoadsEachModelWithAStateOfItsOwn) {
  Model& first = Load("counter");
  Model& second = Load("counter");
  Run(first, {kRow});
  EXPECT_EQ(CountOf(Run(second, {kRow})), 1);
  EXPECT_EQ(CountOf(Run(first, {kRow})), 2);
}

// R59: no executor that compiles anew for each size of a batch.
TEST_F(TorchStateTest, TakesANewBatchSizeAsFastAsAKnownOne) {
  const NewSizes first = RunNewSizes();
  const NewSizes second = RunNewSizes();
  const NewSizes third = RunNewSizes();
  // Each size is new to a model that was just loaded. The best of three, for
  // any one may be hit by the machine; the profiling executor takes 50 to 250
  // ms each time, thousands of times longer.
  std::vector<Duration> fresh;
  for (size_t i = 0; i < kNumNewSizes; ++i) {
    fresh.push_back(
        std::min({first.fresh[i], second.fresh[i], third.fresh[i]}));
  }
  // Of 50, the 99th percentile is the slowest.
  EXPECT_LT(*std::max_element(fresh.begin(), fresh.end()),
            5 * std::min({first.known, second.known, third.known}));
}

// R36, R40: no thread is special; each worker's first run is like any other.
TEST_F(TorchStateTest, RunsOnThreadsThatNeverMetLibtorch) {
  Model& model = Load("transformer");
  const TensorSpec& x = model.signature().inputs[0];
  const std::vector<float> values(static_cast<size_t>(x.shape[1] * x.shape[2]),
                                  0.5F);
  const NamedTensor input = {x.name,
                             FloatTensor({1, x.shape[1], x.shape[2]}, values)};
  const RunResult here = Run(model, {input});
  ASSERT_TRUE(here.outputs.ok()) << here.outputs.status();
  for (int i = 0; i < 8; ++i) {
    RunResult there;
    Thread("worker", [&] { there = Run(model, {input}); }).Join();
    ASSERT_TRUE(there.outputs.ok()) << there.outputs.status();
    EXPECT_EQ(Floats((*there.outputs)[0].tensor),
              Floats((*here.outputs)[0].tensor));
  }
}

}  // namespace
}  // namespace weir
