// The demo repository as the daemon comes by it: found, read through the path
// that the search gave, run.
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/model_directory.h"
#include "tests/support/tensors.h"
#include "tests/torch/torch_rig.h"

namespace weir {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr int64_t kWordsMax = 1000;
constexpr int64_t kLength = 5;  // of what may be of any length

// The input's shape with so many rows.
Shape ShapeOf(const TensorConfig& input, int64_t rows) {
  Shape shape(input.shape.begin(), input.shape.end());
  for (int64_t& dimension : shape) {
    if (dimension < 0) dimension = kLength;
  }
  shape[0] = rows;
  return shape;
}

// The same values in every run, not all alike; `seed` begins them.
NamedTensor Made(const TensorConfig& input, int64_t rows, int64_t seed) {
  const Shape shape = ShapeOf(input, rows);
  int64_t count = 1;
  for (const int64_t dimension : shape) count *= dimension;
  std::vector<float> floats;
  std::vector<int64_t> ids;
  for (int64_t i = seed; i < seed + count; ++i) {
    floats.push_back(static_cast<float>(i % 17 - 8) / 8);
    ids.push_back(i * 31 % kWordsMax);
  }
  return {input.name, input.datatype == "INT64" ? IntTensor(shape, ids)
                                                : FloatTensor(shape, floats)};
}

class DemoModelsTest : public TorchTest {
 protected:
  const ModelSource& Named(const std::string& name) const {
    for (const FoundModel& model : found_.models) {
      if (model.source.name == name) return model.source;
    }
    ADD_FAILURE() << "there is no " << name;
    return found_.models.front().source;
  }

  const ModelDirectory found_ = FindModels(WEIR_DEMO_MODELS);
};

TEST_F(DemoModelsTest, AreFoundWithoutAProblem) {
  EXPECT_THAT(found_.problems, IsEmpty());
  std::vector<std::string> names;
  for (const FoundModel& model : found_.models) {
    names.push_back(model.source.name);
  }
  EXPECT_THAT(names, UnorderedElementsAre("classifier", "convolution",
                                          "identity", "mlp", "transformer"));
}

TEST_F(DemoModelsTest, AnswerWhatTheyDeclare) {
  for (const FoundModel& found : found_.models) {
    const ModelConfig& config = found.source.config;
    Model& model = Load(found.source);
    const RunResult result = Run(model, {Made(config.inputs[0], 3, 1)});
    ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
    ASSERT_THAT(*result.outputs, SizeIs(1));
    const NamedTensor& output = result.outputs->front();
    EXPECT_EQ(output.name, config.outputs[0].name);
    EXPECT_EQ(output.tensor.type(), DataType::kFp32);
    EXPECT_EQ(output.tensor.shape(), ShapeOf(config.outputs[0], 3));
    for (const float value : Floats(output.tensor)) {
      EXPECT_TRUE(std::isfinite(value)) << found.source.name;
    }
  }
}

TEST_F(DemoModelsTest, AnswerDifferentInputsDifferently) {
  for (const FoundModel& found : found_.models) {
    const TensorConfig& input = found.source.config.inputs[0];
    Model& model = Load(found.source);
    const RunResult one = Run(model, {Made(input, 1, 1)});
    const RunResult other = Run(model, {Made(input, 1, 400)});
    ASSERT_TRUE(one.outputs.ok() && other.outputs.ok());
    EXPECT_NE(Floats(one.outputs->front().tensor),
              Floats(other.outputs->front().tensor))
        << found.source.name;
  }
}

TEST_F(DemoModelsTest, GivesBackWhatIdentityIsGiven) {
  const ModelSource& source = Named("identity");
  const NamedTensor input = Made(source.config.inputs[0], 2, 7);
  const RunResult result = Run(Load(source), {input});
  ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
  EXPECT_EQ(Floats(result.outputs->front().tensor), Floats(input.tensor));
}

}  // namespace
}  // namespace weir
