#include "cli/infer_inputs.h"

#include <cmath>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/backend_rig.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Lt;

const TensorMetadata kImage = {
    .name = "x", .datatype = "FP32", .shape = {-1, 256}};
const TensorMetadata kWords = {.name = "t", .datatype = "BYTES", .shape = {2}};

absl::StatusOr<PreparedInputs> Prepare(
    const std::vector<TensorMetadata>& declared,
    const std::vector<std::string>& texts) {
  std::vector<InputSource> given;
  for (const std::string& text : texts) {
    given.push_back(OrDie(ParseInputSource(text)));
  }
  return PrepareInputs(declared, given);
}

std::string Problem(const std::vector<TensorMetadata>& declared,
                    const std::vector<std::string>& texts) {
  return std::string(Prepare(declared, texts).status().message());
}

TEST(InferInputsTest, FillsWhatIsLeftOutAndSaysSo) {
  const PreparedInputs prepared = OrDie(Prepare({kImage, kWords}, {}));
  ASSERT_EQ(prepared.tensors.size(), 2U);
  EXPECT_THAT(prepared.tensors[0].shape, ElementsAre(1, 256));
  EXPECT_THAT(*ElementsOf<float>(prepared.tensors[0]),
              Each(AllOf(Ge(-1), Lt(1))));
  EXPECT_EQ(ElementsOf<std::string>(prepared.tensors[1])->size(), 2U);
  EXPECT_THAT(prepared.notes,
              ElementsAre("input \"x\" is left out: filled at random, FP32 "
                          "[1,256]",
                          "input \"t\" is left out: filled at random, BYTES "
                          "[2]"));
}

TEST(InferInputsTest, FillsTheSameEachTimeAndNotWithOneValue) {
  const InferTensor first = OrDie(Prepare({kImage}, {})).tensors[0];
  EXPECT_EQ(first.bytes, OrDie(Prepare({kImage}, {})).tensors[0].bytes);
  const std::vector<float> values = *ElementsOf<float>(first);
  EXPECT_NE(values[0], values[1]);
}

TEST(InferInputsTest, FillsEachDatatype) {
  for (const char* datatype :
       {"BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32",
        "INT64", "FP16", "BF16", "FP32", "FP64", "BYTES"}) {
    const PreparedInputs prepared =
        OrDie(Prepare({{.name = "x", .datatype = datatype, .shape = {3}}}, {}));
    EXPECT_TRUE(CheckTensor(prepared.tensors[0]).ok()) << datatype;
  }
}

TEST(InferInputsTest, DrawsIntegersThatMostTablesHave) {
  const PreparedInputs prepared = OrDie(Prepare(
      {{.name = "x", .datatype = "INT64", .shape = {-1}}}, {"x=random:1000"}));
  EXPECT_THAT(prepared.notes, IsEmpty());
  EXPECT_THAT(*ElementsOf<int64_t>(prepared.tensors[0]),
              Each(AllOf(Ge(0), Lt(10))));
}

TEST(InferInputsTest, SaysWhatTheModelTakes) {
  EXPECT_EQ(Problem({kImage}, {"x=random:2,255"}),
            "--input x: the model takes FP32 [-1,256], this is FP32 [2,255]");
  EXPECT_EQ(Problem({kImage}, {"x=random:256"}),
            "--input x: the model takes FP32 [-1,256], this is FP32 [256]");
  EXPECT_EQ(Problem({kImage, kWords}, {"y=1"}),
            "--input y: the model has no such input; it takes x: FP32 "
            "[-1,256], t: BYTES [2]");
  EXPECT_EQ(Problem({kWords}, {"t=[\"a\", b]"}),
            "--input t: b is no BYTES; a text is in quotes");
  EXPECT_EQ(Problem({kImage}, {"x=/nonexistent/x.npy"}),
            "--input x: cannot read /nonexistent/x.npy");
}

TEST(InferInputsTest, AsksForAFileWhereTheModelDeclaresNothing) {
  const TensorMetadata undeclared = {.name = "x"};
  for (const char* text : {"x=[1]", "x=random:1"}) {
    EXPECT_THAT(Problem({undeclared}, {text}),
                HasSubstr("give it as a .npy file"));
    EXPECT_THAT(Problem({}, {text}), HasSubstr("give it as a .npy file"));
  }
  EXPECT_THAT(Problem({undeclared}, {}), HasSubstr("input \"x\" was left out"));
}

TEST(InferInputsTest, RefusesARandomTensorThatFitsIntoNoMessage) {
  const TensorMetadata any = {.name = "x", .datatype = "FP32", .shape = {-1}};
  for (const char* text :
       {"x=random:536870912", "x=random:9223372036854775807"}) {
    EXPECT_THAT(Problem({any}, {text}), HasSubstr("larger than any message"));
  }
}

}  // namespace
}  // namespace weir
