// What a backend promises of its devices and slots.
#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/backend/contract.h"

namespace weir {
namespace {

using ::testing::SizeIs;

TEST_P(ContractTest, ListsItsDevice) {
  EXPECT_FALSE(backend().name().empty());
  const std::vector<DeviceInfo> devices = backend().Devices();
  const auto found = std::find_if(
      devices.begin(), devices.end(),
      [&](const DeviceInfo& info) { return info.name == subject_->device; });
  ASSERT_NE(found, devices.end());
  EXPECT_GE(found->slots_default, 1);
}

TEST_P(ContractTest, ProbesDistinctSlots) {
  const auto subject = GetParam().make();
  const Probed probed = *subject->backend->Probe(subject->device, kNumSlots);
  ASSERT_THAT(probed.slots, SizeIs(pool_->num_slots()));
  std::set<std::string> streams;
  for (size_t i = 0; i < probed.slots.size(); ++i) {
    EXPECT_EQ(probed.slots[i]->index(), static_cast<int>(i));
    EXPECT_EQ(probed.slots[i]->device(), subject->device);
    streams.insert(probed.slots[i]->stream());
  }
  if (subject->num_streams.has_value()) {
    EXPECT_THAT(streams, SizeIs(probed.slots.size()));
  }
}

// R03
TEST_P(ContractTest, ProbesNoMoreSlotsThanThereAreStreams) {
  const auto subject = GetParam().make();
  // Slots that are permits run out nowhere, so all that are asked for are
  // there.
  const int asked = 2 * subject->num_streams.value_or(kNumSlots);
  const Probed probed = *subject->backend->Probe(subject->device, asked);
  EXPECT_THAT(probed.slots, SizeIs(subject->num_streams.value_or(asked)));
  EXPECT_THAT(probed.warnings,
              SizeIs(subject->num_streams.has_value() ? 1 : 0));
}

TEST_P(ContractTest, WarnsOfNothingWhereItGivesWhatIsAskedFor) {
  const auto subject = GetParam().make();
  const Probed probed = *subject->backend->Probe(subject->device, 1);
  EXPECT_THAT(probed.slots, SizeIs(1));
  EXPECT_TRUE(probed.warnings.empty());
}

TEST_P(ContractTest, TellsOfEachSlotAsItIsMade) {
  const auto subject = GetParam().make();
  std::vector<int> told;
  const auto tell = [&](int num_found) { told.push_back(num_found); };
  const auto probed = subject->backend->Probe(subject->device, 3, tell);
  ASSERT_TRUE(probed.ok()) << probed.status();
  std::vector<int> all = {1, 2, 3};
  all.resize(probed->slots.size());  // a device may have fewer
  EXPECT_EQ(told, all);
}

// R13
TEST_P(ContractTest, KnowsNoOtherDevice) {
  for (const char* name : {"", "nonsense", "nonsense:0", "fake:77", "cpu:-1"}) {
    EXPECT_EQ(backend().Probe(name, 1).status().code(),
              absl::StatusCode::kNotFound);
  }
}

TEST_P(ContractTest, RevivesASlotThatWasRetired) {
  auto model = Load(subject_->affine);
  {
    const SlotLease lease = Lease();
    pool_->Report(lease, Fault::kSlot);
  }
  SlotLease retired = *pool_->AcquireRetired();
  ASSERT_TRUE(backend().Revive(retired).ok());
  const int slot = retired.slot().index();
  ASSERT_TRUE(pool_->ReturnToService(std::move(retired)));
  SlotLease lease = *pool_->Acquire(slot, kNever);
  const Tensor input = ContractInput(2, 0);
  EXPECT_EQ(ContractOutput(Run(*model, lease, {input})), ContractAnswer(input));
  lease.Release({});
  Free(std::move(model));
}

}  // namespace
}  // namespace weir
