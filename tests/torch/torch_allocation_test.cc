// Counts this program's allocations, and so is a program of its own.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/gpu/bare/bare_loop.h"
#include "tests/support/counted_allocations.h"
#include "tests/support/made_inputs.h"
#include "tests/torch/torch_rig.h"

namespace weir {
namespace {

// libtorch plans a graph in its first runs.
constexpr int kNumRuns = 20;

class TorchAllocationTest : public TorchTest,
                            public testing::WithParamInterface<const char*> {
 protected:
  // Those of the last of some runs.
  template <typename Body>
  static int64_t CountOf(const Body& body) {
    int64_t before = 0;
    for (int run = 0; run < kNumRuns; ++run) {
      before = num_allocations;
      body();
    }
    return num_allocations - before;
  }
};

// docs/benchmarks.md names each: around the graph a run makes six, and a bare
// forward() ten.
TEST_P(TorchAllocationTest, RunsWithFourFewerThanABareForward) {
  Model& model = Load(GetParam());
  const std::vector<NamedTensor> request = MadeInputs(model.signature(), 1, 1);
  const Shape& shape = request[0].tensor.shape();
  const auto loop = MakeBareLoop(TorchSource(GetParam()).path, "cpu", 1);
  const auto bare = loop->MakeRunner(0, {shape.begin(), shape.end()},
                                     ValuesOf<float>(request[0].tensor));
  const BatchInputs inputs{{request}, 1};
  SlotLease lease = OrDie(rig_.pool().Acquire(-1, kNever));
  const int64_t ours = CountOf([&] {
    ASSERT_TRUE(model.Run(lease, inputs, RunContext{}).outputs.ok());
  });
  const int64_t theirs = CountOf([&] { bare->Forward(); });
  EXPECT_GT(ours, 0);
  EXPECT_LE(ours, theirs - 4);
}

INSTANTIATE_TEST_SUITE_P(Cpu, TorchAllocationTest,
                         testing::Values("affine", "mlp", "transformer"),
                         [](const testing::TestParamInfo<const char*>& model) {
                           return std::string(model.param);
                         });

}  // namespace
}  // namespace weir
