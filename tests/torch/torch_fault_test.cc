// What a client is told when a run fails, on a device that lacks nothing.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/torch/torch_rig.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using TorchFaultTest = TorchTest;

const NamedTensor kRow = Rows("x", {1, 1, 1, 1});

std::string TextOf(const RunResult& result) {
  return result.outputs.status().ToString();
}

TEST_F(TorchFaultTest, SaysWhatTheModelRaised) {
  for (const char* name : {"flaky_internal", "flaky_value"}) {
    Model& model = Load(name);
    Run(model, {kRow});
    const RunResult result = Run(model, {kRow});
    EXPECT_EQ(result.outputs.status().code(), absl::StatusCode::kInternal);
    EXPECT_THAT(TextOf(result), HasSubstr("model \"" + std::string(name)));
    EXPECT_THAT(TextOf(result), HasSubstr("each second run"));
    EXPECT_THAT(TextOf(result), Not(HasSubstr("Traceback")));
    EXPECT_THAT(TextOf(result), Not(HasSubstr("\n")));
  }
}

TEST_F(TorchFaultTest, BlamesTheRequestForAShapeItHasWrongAlone) {
  ModelSource source = TorchSource("two_inputs");
  source.config = {};
  Model& model = Load(source);
  const std::vector<NamedTensor> request = {
      {"x", FloatTensor({2, 3}, {1, 2, 3, 4, 5, 6})},
      {"y", FloatTensor({2, 2}, {1, 2, 3, 4})}};
  const RunResult alone = Run(model, request);
  EXPECT_EQ(alone.outputs.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(TextOf(alone), HasSubstr("size of tensor a (3) must match"));
  // Together with others nobody knows yet whose fault it is.
  const RunResult together = RunBatch(model, {request, request});
  EXPECT_EQ(together.outputs.status().code(), absl::StatusCode::kInternal);
}

TEST_F(TorchFaultTest, PrintsNoWarningOfARun) {
  Model& model = Load("warns");
  testing::internal::CaptureStderr();
  EXPECT_TRUE(Run(model, {kRow}).outputs.ok());
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST_F(TorchFaultTest, TellsHowLongARunTook) {
  Model& model = Load("affine");
  for (const bool in_pieces : {false, true}) {
    const Tensor x = in_pieces ? InPieces(kRow.tensor, 3) : kRow.tensor;
    const RunStats stats = Run(model, {{"x", x}}).stats;
    EXPECT_GT(stats.gather, Duration::zero());
    EXPECT_GT(stats.run, Duration::zero());
  }
}

TEST_F(TorchFaultTest, RunsAForkOnTheCpu) {
  EXPECT_TRUE(Run(Load("forks"), {kRow}).outputs.ok());
}

TEST_F(TorchFaultTest, RunsAModelOfDoublesOnTheCpu) {
  ModelSource source = TorchSource("double_weights");
  EXPECT_TRUE(WhyNot(source).ok()) << WhyNot(source);
}

TEST_F(TorchFaultTest, ReportsNoFaultOfTheCpu) {
  Model& model = Load("flaky_shape");
  Run(model, {kRow});
  EXPECT_EQ(Run(model, {kRow}).fault, std::nullopt);
}

}  // namespace
}  // namespace weir
