// The example, run as its reader would.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/clients/cpp/scripted_server.h"
#include "tests/rpc/rpc_rig.h"
#include "tests/support/command.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

class ExampleTest : public testing::Test {
 protected:
  CommandResult Run(const std::string& model) {
    return RunCommand(WEIR_EXAMPLE " " + model + " " +
                      rig_.server->addresses()[0]);
  }
  RpcRig rig_;
};

TEST_F(ExampleTest, PrintsTheOutputsOfOneInference) {
  rig_.backend.Script("m", {});
  rig_.pipeline.Load(
      {.name = "m",
       .config = {
           .inputs = {{.name = "x", .datatype = "FP32", .shape = {-1, 2}},
                      {.name = "t", .datatype = "BYTES", .shape = {1}}},
           .outputs = {{.name = "y", .datatype = "FP32", .shape = {-1, 2}},
                       {.name = "z", .datatype = "BYTES", .shape = {1}}}}});
  const CommandResult result = Run("m");
  EXPECT_EQ(result.output,
            "model m, version 1\ny: FP32 [1,2] 0 0\nz: BYTES [1]\n");
  EXPECT_EQ(result.status, 0);
}

TEST_F(ExampleTest, SaysWhatTheServerRefused) {
  const CommandResult result = Run("nobody");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("NOT_FOUND: "));
}

TEST_F(ExampleTest, SaysHowItIsCalled) {
  EXPECT_EQ(RunCommand(WEIR_EXAMPLE).status, 2);
}

}  // namespace
}  // namespace weir
