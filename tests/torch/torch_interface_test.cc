// A module behind an interface: what it does cannot be followed in the graph.
#include "gtest/gtest.h"
#include "tests/torch/torch_rig.h"

namespace weir {
namespace {

using TorchInterfaceTest = TorchTest;

TEST_F(TorchInterfaceTest, CountsAsOneThatWritesToItself) {
  const ModelSignature& signature = Load("interface_state").signature();
  EXPECT_TRUE(signature.stateful);
  EXPECT_EQ(signature.runs_max, 1);
}

}  // namespace
}  // namespace weir
