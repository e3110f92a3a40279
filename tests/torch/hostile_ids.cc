#include "tests/torch/hostile_ids.h"

#include <cstring>
#include <limits>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "sync/thread.h"
#include "tests/support/made_inputs.h"
#include "tests/support/output_difference.h"
#include "tests/support/scale.h"

namespace weir {
namespace {

constexpr int kNumSamplesPerTable = 8;

// The same tensor with one value that the range does not hold.
template <typename Integer>
Tensor Spoilt(const Tensor& good, const ValueRange& range,
              std::mt19937& random) {
  using Limits = std::numeric_limits<Integer>;
  const std::vector<Integer> bad = {static_cast<Integer>(range.low - 1),
                                    static_cast<Integer>(range.high + 1),
                                    Limits::min(), Limits::max()};
  std::vector<Integer> values = ValuesOf<Integer>(good);
  values[random() % values.size()] = bad[random() % bad.size()];
  return TensorOf(good.type(), good.shape(), values);
}

NamedTensor Spoil(const TensorSpec& spec, const NamedTensor& good,
                  std::mt19937& random) {
  const ValueRange range = spec.values.value();
  return {good.name, spec.type == DataType::kInt32
                         ? Spoilt<int32_t>(good.tensor, range, random)
                         : Spoilt<int64_t>(good.tensor, range, random)};
}

// What is wrong with the answer to a good request; empty: nothing.
std::string Judge(const Answer& answer, const Outputs& wanted) {
  if (!answer.outputs.ok()) return answer.outputs.status().ToString();
  return DifferenceByRequest(*answer.outputs, {wanted});
}

}  // namespace

void HostileIdsTest::SetUp() {
  subject_ = GetParam().make();
  rig_ = std::make_unique<RealPipeline>(
      *subject_->backend, *subject_->clock,
      RealPipeline::Options{
          .device = subject_->device, .slots = subject_->slots, .config = {}});
  uint32_t seed = 0;
  for (const HostileTable& table : subject_->tables) {
    const std::string& name = table.source.name;
    const ModelSignature signature = rig_->Load(table.source);
    ASSERT_EQ(signature.inputs.at(0).values, table.values) << name;
    for (int i = 0; i < kNumSamplesPerTable; ++i) {
      Sample sample{
          name, signature, MadeInputs(signature, 1 + i % 3, ++seed), {}};
      Reply reply;
      rig_->Send(name, reply, sample.inputs);
      ASSERT_TRUE(reply.Await().outputs.ok()) << reply.Await().outputs.status();
      sample.answer = *reply.Await().outputs;
      samples_.push_back(std::move(sample));
    }
  }
}

void HostileIdsTest::SendInTurn(const std::vector<Sample>& samples, int thread,
                                int num_hostile, WrongAnswers& wrong) {
  std::mt19937 random(static_cast<uint32_t>(thread));
  for (int i = 0; i < num_hostile; ++i) {
    const Sample& sample = samples[random() % samples.size()];
    Reply hostile;
    rig_->Send(sample.model, hostile,
               {Spoil(sample.signature.inputs[0], sample.inputs[0], random)});
    const Answer& refused = hostile.Await();
    if (refused.outputs.status().code() != absl::StatusCode::kInvalidArgument ||
        refused.refusal != Refusal::kInvalid) {
      wrong.Add(absl::StrCat(sample.model, " took a hostile id: ",
                             refused.outputs.status().ToString()));
    }
    Reply good;
    rig_->Send(sample.model, good, sample.inputs);
    const std::string why = Judge(good.Await(), sample.answer);
    if (!why.empty()) wrong.Add(absl::StrCat(sample.model, ": ", why));
  }
}

TEST_P(HostileIdsTest, RefusesTheHostileAndAnswersTheGoodAmongThem) {
  WrongAnswers wrong;
  {
    std::vector<Thread> threads;
    for (int self = 0; self < kNumThreads; ++self) {
      threads.emplace_back("sender", [this, &wrong, self] {
        SendInTurn(samples_, self, Scaled(kNumHostile / kNumThreads), wrong);
      });
    }
  }
  EXPECT_EQ(wrong.count(), 0) << wrong.first();
  const SlotPool::Snapshot slots = rig_->slots().Read();
  EXPECT_EQ(slots.service.in_service, rig_->slots().num_slots());
  EXPECT_FALSE(slots.service.lost);
  for (const SlotCounters& slot : slots.slots) EXPECT_EQ(slot.failures, 0U);
  EXPECT_TRUE(rig_->pipeline().Drain());
  EXPECT_EQ(rig_->pipeline().ledger().lost, 0U);
}

}  // namespace weir
