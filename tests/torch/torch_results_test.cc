// What becomes of the tensors that forward() returns: the rarer forms, and what
// is refused.
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/torch/torch_rig.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using TorchResultsTest = TorchTest;

const NamedTensor kRow = Rows("x", {1, 2, 3, 4});

ModelSource Undeclared(const std::string& model) {
  ModelSource source = TorchSource(model);
  source.config = {};
  return source;
}

TEST_F(TorchResultsTest, NamesInOrderWhereOnlySomeNamesHaveAnIndex) {
  ModelSource source = TorchSource("tuple_output");
  source.config.outputs = {Declared("y__1"), Declared("plain")};
  EXPECT_THAT(Said(Run(Load(source), {kRow})),
              ElementsAre("y__1 [1,4,] 2 3 4 5", "plain [1,4,] 2 4 6 8"));
}

TEST_F(TorchResultsTest, KeepsTheKeysOfADictionaryThatNobodyDeclared) {
  EXPECT_THAT(Said(Run(Load(Undeclared("dict_output")), {kRow})),
              ElementsAre("double [1,4,] 2 4 6 8", "plus [1,4,] 2 3 4 5"));
}

TEST_F(TorchResultsTest, TakesADictionaryWhoseKeysAreNoNamesInOrder) {
  EXPECT_THAT(Said(Run(Load("numbered_output"), {kRow})),
              ElementsAre("plus [1,4,] 2 3 4 5", "double [1,4,] 2 4 6 8"));
}

TEST_F(TorchResultsTest, AnswersAsManyTensorsAsARequestMayHave) {
  Model& model = Load(Undeclared("many_outputs"));
  const auto rows = [](size_t num) {
    return Rows("x", std::vector<float>(num * 4, 1));
  };
  const RunResult most = Run(model, {rows(kTensorsHardMax)});
  ASSERT_TRUE(most.outputs.ok()) << most.outputs.status();
  EXPECT_THAT(*most.outputs, SizeIs(kTensorsHardMax));
  EXPECT_THAT(Said(Run(model, {rows(kTensorsHardMax + 1)})),
              ElementsAre(HasSubstr("the model returned too many tensors")));
}

TEST_F(TorchResultsTest, LooksForNoTensorThatLiesTooDeep) {
  EXPECT_THAT(Said(Run(Load("deep_output"), {kRow})),
              ElementsAre(HasSubstr("the model returned too many tensors")));
}

TEST_F(TorchResultsTest, FailsARunWhoseAnswerHasNoDatatype) {
  for (const char* name : {"complex_output", "sparse_output"}) {
    const RunResult result = Run(Load(name), {kRow});
    EXPECT_EQ(result.outputs.status().code(), absl::StatusCode::kInternal);
    EXPECT_EQ(std::string(result.outputs.status().message()),
              "model \"" + std::string(name) +
                  "\": output \"output__0\" is nothing that the protocol has a "
                  "datatype for");
  }
}

TEST_F(TorchResultsTest, WritesTheMinusOfANegativeView) {
  EXPECT_THAT(Said(Run(Load("negative_output"), {kRow})),
              ElementsAre("y [1,4,] -1 -2 -3 -4"));
}

// The identity would hide two datatypes that were mistaken for each other.
TEST_F(TorchResultsTest, ReadsTheBytesOfADatatypeAsWhatTheyAre) {
  Model& model = Load("as_double");
  const auto meaning = [&](DataType type, std::vector<uint8_t> bytes) {
    const Tensor one = *Tensor::View(type, {1}, MemoryKind::kHost,
                                     {{bytes.data(), bytes.size()}}, nullptr);
    const RunResult result = Run(model, {{"x", InPieces(one, 1)}});
    EXPECT_TRUE(result.outputs.ok()) << result.outputs.status();
    return ValuesOf<double>((*result.outputs)[0].tensor)[0];
  };
  const auto ones = [](size_t num) { return std::vector<uint8_t>(num, 255); };
  EXPECT_EQ(meaning(DataType::kUint8, ones(1)), 255);
  EXPECT_EQ(meaning(DataType::kInt8, ones(1)), -1);
  EXPECT_EQ(meaning(DataType::kUint16, ones(2)), 65535);
  EXPECT_EQ(meaning(DataType::kInt16, ones(2)), -1);
  EXPECT_EQ(meaning(DataType::kUint32, ones(4)), 4294967295);
  EXPECT_EQ(meaning(DataType::kInt32, ones(4)), -1);
  EXPECT_EQ(meaning(DataType::kUint64, ones(8)), 18446744073709551616.0);
  EXPECT_EQ(meaning(DataType::kInt64, ones(8)), -1);
  EXPECT_EQ(meaning(DataType::kFp16, {0, 0x3C}), 1);
  EXPECT_EQ(meaning(DataType::kBf16, {0x80, 0x3F}), 1);
}

}  // namespace
}  // namespace weir
