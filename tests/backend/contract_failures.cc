// What a backend promises when a load or a run fails.
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/backend/contract.h"
#include "tests/support/scale.h"
#include "tests/support/tensors.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_P(ContractTest, RefusesAModelItCannotLoad) {
  const DeviceMemory before = Memory();
  const absl::Status status = TryLoad(subject_->broken).status();
  EXPECT_FALSE(status.ok());
  EXPECT_FALSE(status.message().empty());
  EXPECT_EQ(pool_->Read().num_leased, 0);
  EXPECT_EQ(Memory().allocated_bytes, before.allocated_bytes);
  Free(Load(subject_->affine));
}

TEST_P(ContractTest, RefusesWhatItsModelCannotTake) {
  auto model = Load(subject_->affine);
  const Tensor good = ContractInput(1, 0);
  for (const Tensor& bad :
       {FloatTensor({1, 5}, {1, 2, 3, 4, 5}), FloatTensor({4}, {1, 2, 3, 4}),
        IntTensor({1, 4}, {1, 2, 3, 4}), FloatTensor({}, {1}),
        FloatTensor({1, 0}, {})}) {
    const RunResult result = Run(*model, {bad});
    EXPECT_EQ(result.outputs.status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(result.fault, std::nullopt);
    EXPECT_TRUE(result.stats.failed);
    EXPECT_EQ(ContractOutput(Run(*model, {good})), ContractAnswer(good));
  }
  Free(std::move(model));
}

TEST_P(ContractTest, FailsABatchWithABadRequestAndNotItsMateAlone) {
  auto model = Load(subject_->picky);
  const Tensor good = ContractInput(1, 0);
  const Tensor bad = FloatTensor({1, 4}, {1, kContractPoison, 3, 4});
  EXPECT_FALSE(Run(*model, {good, bad}).outputs.ok());
  EXPECT_FALSE(Run(*model, {bad}).outputs.ok());
  EXPECT_EQ(ContractOutput(Run(*model, {good})), ContractAnswer(good));
  Free(std::move(model));
}

// R34
TEST_P(ContractTest, LeavesTheSlotCleanHoweverARunFails) {
  for (const ModelSource& source : subject_->flaky) {
    SCOPED_TRACE(source.name);
    auto model = Load(source);
    SlotLease lease = Lease();
    const Tensor input = ContractInput(2, 0);
    int num_wrong = 0;
    for (int round = 0; round < Scaled(1000); ++round) {
      const RunResult good = Run(*model, lease, {input});
      num_wrong += ContractOutput(good) != ContractAnswer(input) ? 1 : 0;
      const RunResult bad = Run(*model, lease, {input});
      num_wrong += bad.outputs.ok() || bad.fault.has_value() ? 1 : 0;
    }
    EXPECT_EQ(num_wrong, 0);
    model->Free(lease);
  }
}

// R35
TEST_P(ContractTest, TellsOfAFailureWithoutPathsOrAddresses) {
  for (const ModelSource& source : subject_->flaky) {
    SCOPED_TRACE(source.name);
    auto model = Load(source);
    const Tensor input = ContractInput(1, 0);
    Run(*model, {input});
    const RunResult bad = Run(*model, {input});
    const std::string text(bad.outputs.status().message());
    EXPECT_FALSE(text.empty());
    EXPECT_THAT(text, Not(HasSubstr("/")));
    EXPECT_THAT(text, Not(HasSubstr("0x")));
    EXPECT_TRUE(bad.stats.failed);
    Free(std::move(model));
  }
}

}  // namespace
}  // namespace weir
