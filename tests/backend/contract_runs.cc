// What a backend promises of its models and their answers.
#include <atomic>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/thread.h"
#include "tests/backend/contract.h"
#include "tests/support/scale.h"
#include "tests/support/tensors.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST_P(ContractTest, DeclaresWhatItsModelTakes) {
  auto model = Load(subject_->affine);
  const ModelSignature& signature = model->signature();
  ASSERT_THAT(signature.inputs, SizeIs(1));
  EXPECT_EQ(signature.inputs[0].name, "x");
  EXPECT_EQ(signature.inputs[0].type, DataType::kFp32);
  EXPECT_THAT(signature.inputs[0].shape, ElementsAre(-1, 4));
  ASSERT_THAT(signature.outputs, SizeIs(1));
  EXPECT_EQ(signature.outputs[0].name, "y");
  EXPECT_FALSE(signature.stateful);
  Free(std::move(model));
}

TEST_P(ContractTest, AnswersInABatchAsAlone) {
  auto model = Load(subject_->affine);
  const std::vector<Tensor> requests = {
      ContractInput(1, 0), ContractInput(3, 1), ContractInput(2, 2)};
  std::vector<float> alone;
  for (const Tensor& request : requests) {
    const RunResult result = Run(*model, {request});
    EXPECT_EQ(ContractOutput(result), ContractAnswer(request));
    EXPECT_EQ(result.stats.rows, request.rows());
    for (const float value : ContractOutput(result)) alone.push_back(value);
  }
  const RunResult batched = Run(*model, requests);
  ASSERT_TRUE(batched.outputs.ok()) << batched.outputs.status();
  EXPECT_THAT((*batched.outputs)[0].tensor.shape(), ElementsAre(6, 4));
  EXPECT_EQ(ContractOutput(batched), alone);
  EXPECT_EQ(batched.stats.rows, 6);
  EXPECT_FALSE(batched.stats.failed);
  Free(std::move(model));
}

TEST_P(ContractTest, GathersChunksThatLieAnyhow) {
  auto model = Load(subject_->affine);
  const Tensor whole = ContractInput(2, 0);
  for (const size_t piece : {1, 3, 4, 7, 31, 32}) {
    const RunResult result =
        Run(*model, {InPieces(whole, piece), InPieces(whole, 5)});
    std::vector<float> both = ContractAnswer(whole);
    both.insert(both.end(), both.begin(), both.begin() + 8);
    EXPECT_EQ(ContractOutput(result), both) << "pieces of " << piece;
  }
  Free(std::move(model));
}

TEST_P(ContractTest, RunsABatchOfNoRows) {
  auto model = Load(subject_->affine);
  const RunResult result = Run(*model, {FloatTensor({0, 4}, {})});
  ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
  EXPECT_THAT((*result.outputs)[0].tensor.shape(), ElementsAre(0, 4));
  const Tensor some = ContractInput(1, 0);
  EXPECT_EQ(ContractOutput(Run(*model, {FloatTensor({0, 4}, {}), some})),
            ContractAnswer(some));
  Free(std::move(model));
}

TEST_P(ContractTest, RunsOnEverySlotWhateverSlotItWasLoadedOn) {
  auto model = Load(subject_->affine);
  for (int slot = 0; slot < pool_->num_slots(); ++slot) {
    SlotLease lease = *pool_->Acquire(slot, kNever);
    ASSERT_EQ(lease.slot().index(), slot);
    const Tensor input = ContractInput(1, slot);
    EXPECT_EQ(ContractOutput(Run(*model, lease, {input})),
              ContractAnswer(input));
  }
  Free(std::move(model));
}

TEST_P(ContractTest, LeavesItsOutputsToTheirReader) {
  auto model = Load(subject_->affine);
  const Tensor input = ContractInput(3, 0);
  RunResult kept = Run(*model, {input});
  for (int i = 1; i <= 8; ++i) Run(*model, {ContractInput(3, i)});
  Free(std::move(model));
  {
    SlotLease lease = Lease();
    backend().EmptyCache(lease);
  }
  EXPECT_EQ(ContractOutput(kept), ContractAnswer(input));
  // Held by nobody's lease and dropped on any thread: no device call.
  Thread reader("reader", [outputs = std::move(kept.outputs)]() mutable {
    outputs = Outputs{};
  });
}

TEST_P(ContractTest, KeepsNothingOnceFreed) {
  {
    SlotLease lease = Lease();
    backend().EmptyCache(lease);  // of what the probe has left
  }
  const DeviceMemory before = Memory();
  auto model = Load(subject_->affine);
  for (int i = 0; i < 8; ++i) Run(*model, {ContractInput(8, i)});
  EXPECT_GE(Memory().reserved_bytes, Memory().allocated_bytes);
  Free(std::move(model));
  EXPECT_EQ(Memory().allocated_bytes, before.allocated_bytes);
  SlotLease lease = Lease();
  backend().EmptyCache(lease);
  EXPECT_EQ(Memory(), before);
}

TEST_P(ContractTest, RunsAfterItsCacheWasEmptied) {
  auto model = Load(subject_->affine);
  const Tensor input = ContractInput(2, 0);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ContractOutput(Run(*model, {input})), ContractAnswer(input));
    SlotLease lease = Lease();
    backend().EmptyCache(lease);
  }
  Free(std::move(model));
}

// R52
TEST_P(ContractTest, AnswersRightAroundItsCapacity) {
  auto model = Load(subject_->affine);
  const int capacity = pool_->num_slots();
  for (const int num_threads :
       {capacity - 1, capacity, capacity + 1, 2 * capacity}) {
    std::atomic<int> num_wrong = 0;
    std::vector<Thread> threads;
    for (int self = 0; self < num_threads; ++self) {
      threads.emplace_back("runner", [&, self] {
        for (int round = 0; round < Scaled(200); ++round) {
          const Tensor input = ContractInput(1 + round % 3, self);
          const RunResult result = Run(*model, {input});
          num_wrong += ContractOutput(result) != ContractAnswer(input) ? 1 : 0;
        }
      });
    }
    threads.clear();
    EXPECT_EQ(num_wrong, 0) << num_threads << " threads";
  }
  Free(std::move(model));
}

}  // namespace
}  // namespace weir
