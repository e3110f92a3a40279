// The bounds of integer inputs that index a table of the model.
#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/torch/torch_rig.h"

namespace weir {
namespace {

using TorchGuardTest = TorchTest;

TEST_F(TorchGuardTest, DerivesTheBoundsWhereTheGraphLeadsToATable) {
  for (const char* name : {"sticky", "embedding_reshaped"}) {
    EXPECT_EQ(Load(name).signature().inputs[0].values, (ValueRange{0, 999}))
        << name;
  }
  EXPECT_EQ(Load("embedding").signature().inputs[0].values,
            (ValueRange{0, 99}));
}

TEST_F(TorchGuardTest, TakesTheSmallerOfTwoTables) {
  EXPECT_EQ(Load("two_tables").signature().inputs[0].values,
            (ValueRange{0, 299}));
}

TEST_F(TorchGuardTest, SeesATableThroughAllThatHandsAnIdOn) {
  for (const char* name :
       {"embedding_bag", "embedding_chain", "embedding_either"}) {
    EXPECT_EQ(Load(name).signature().inputs[0].values, (ValueRange{0, 999}))
        << name;
  }
}

TEST_F(TorchGuardTest, BoundsTheArgumentThatIndexesAndNoOther) {
  const ModelSignature& signature = Load("embedding_second").signature();
  ASSERT_EQ(signature.inputs[0].name, "ids");
  EXPECT_EQ(signature.inputs[0].values, (ValueRange{0, 999}));
  EXPECT_EQ(signature.inputs[1].values, std::nullopt);
}

TEST_F(TorchGuardTest, DerivesNothingWhereTheModelMakesItsOwnIds) {
  for (const char* name :
       {"embedding_clamped", "embedding_branches", "embedding_hidden"}) {
    EXPECT_EQ(Load(name).signature().inputs[0].values, std::nullopt) << name;
  }
}

TEST_F(TorchGuardTest, DerivesNothingWhereEachRunChoosesTheInput) {
  const ModelSignature& signature = Load("embedding_chosen").signature();
  EXPECT_EQ(signature.inputs[0].values, std::nullopt);
  EXPECT_EQ(signature.inputs[1].values, std::nullopt);
}

TEST_F(TorchGuardTest, LeavesBoundsThatTheOperatorDeclares) {
  ModelSource source = TorchSource("sticky");
  source.config.inputs[0].values = ValueRange{1, 10};
  EXPECT_EQ(Load(source).signature().inputs[0].values, (ValueRange{1, 10}));
}

TEST_F(TorchGuardTest, DerivesNothingWhereItIsOff) {
  ModelSource source = TorchSource("sticky");
  source.config.backend_options = {{"input_guard", "off"}};
  EXPECT_EQ(Load(source).signature().inputs[0].values, std::nullopt);
}

TEST_F(TorchGuardTest, DerivesNothingForInputsThatAreNoIntegers) {
  ModelSource source = TorchSource("sticky");
  source.config.inputs[0].datatype = "FP32";
  EXPECT_EQ(Load(source).signature().inputs[0].values, std::nullopt);
}

}  // namespace
}  // namespace weir
