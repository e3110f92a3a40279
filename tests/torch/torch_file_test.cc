// What is refused when a model's file is read, and how the module is left.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/torch/torch_rig.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using TorchFileTest = TorchTest;

TEST_F(TorchFileTest, SaysThatThereIsNoFile) {
  ModelSource source = TorchSource("affine");
  source.path = "/nowhere/affine.pt";
  EXPECT_EQ(std::string(WhyNot(source).message()),
            "model \"affine\": cannot open /nowhere/affine.pt");
  source.path = "";
  EXPECT_THAT(WhyNot(source).ToString(),
              HasSubstr("\"affine\": has no file; "));
}

TEST_F(TorchFileTest, RefusesAnOptionThatItHasNeverHeardOf) {
  ModelSource source = TorchSource("affine");
  source.config.backend_options = {{"colour", "blue"}};
  EXPECT_EQ(std::string(WhyNot(source).message()),
            "model \"affine\": backend_options: colour: \"blue\" is not known; "
            "there is copies: one, per_slot; input_guard: on, off");
  source.config.backend_options = {{"input_guard", "perhaps"}};
  EXPECT_THAT(WhyNot(source).ToString(), HasSubstr("input_guard: \"perhaps\""));
}

TEST_F(TorchFileTest, RefusesBytesAsAnOutput) {
  ModelSource source = TorchSource("affine");
  source.config.outputs[0].datatype = "BYTES";
  EXPECT_THAT(WhyNot(source).ToString(), HasSubstr("BYTES is nothing that"));
}

TEST_F(TorchFileTest, RefusesAModuleThatHasNoForward) {
  EXPECT_EQ(std::string(WhyNot("no_forward").message()),
            "model \"no_forward\": has no forward()");
}

TEST_F(TorchFileTest, TrainsNothing) {
  EXPECT_THAT(Said(Run(Load("saved_in_training"), {Rows("x", {1, 2, 3, 4})})),
              ElementsAre("y [1,4,] 1 2 3 4"));
}

}  // namespace
}  // namespace weir
