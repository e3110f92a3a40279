// How inputs reach forward() and how its results come back.
#include <cstdint>
#include <memory>
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
using ::testing::IsEmpty;
using ::testing::SizeIs;

using TorchModelTest = TorchTest;

const std::vector<float> kOnes = {1, 1, 1, 1};
const std::vector<float> kCounting = {1, 2, 3, 4};

TEST_F(TorchModelTest, MatchesInputsByTheirNamesInAnyOrder) {
  Model& model = Load(Renamed("two_inputs", {"y", "x"}));
  EXPECT_THAT(Said(Run(model, {Rows("y", kOnes), Rows("x", kCounting)})),
              ElementsAre("z [1,4,] -1 0 1 2"));
}

TEST_F(TorchModelTest, MatchesInputsByTheirIndexInAnyOrder) {
  Model& model = Load(Renamed("two_inputs", {"INPUT__1", "INPUT__0"}));
  EXPECT_THAT(
      Said(Run(model, {Rows("INPUT__1", kOnes), Rows("INPUT__0", kCounting)})),
      ElementsAre("z [1,4,] -1 0 1 2"));
}

TEST_F(TorchModelTest, MatchesInputsInOrderWhereNoNameIsKnown) {
  Model& model = Load(Renamed("two_inputs", {"left", "right"}));
  EXPECT_THAT(Said(Run(model, {Rows("left", kCounting), Rows("right", kOnes)})),
              ElementsAre("z [1,4,] -1 0 1 2"));
}

TEST_F(TorchModelTest, FillsAListByIndexInAnyOrder) {
  Model& model = Load(Renamed("list_input", {"xs__1", "xs__0"}));
  EXPECT_THAT(
      Said(Run(model, {Rows("xs__1", kOnes), Rows("xs__0", kCounting)})),
      ElementsAre("y [1,4,] -1 0 1 2"));
}

TEST_F(TorchModelTest, FillsAListInOrder) {
  Model& model = Load(Renamed("list_input", {"a", "b"}));
  EXPECT_THAT(Said(Run(model, {Rows("a", kCounting), Rows("b", kOnes)})),
              ElementsAre("y [1,4,] -1 0 1 2"));
}

TEST_F(TorchModelTest, FillsADictionaryByItsKeys) {
  for (const auto& [a, b] : std::vector<std::pair<std::string, std::string>>{
           {"a", "b"}, {"inputs__a", "inputs__b"}}) {
    Model& model = Load(Renamed("dict_input", {b, a}));
    EXPECT_THAT(Said(Run(model, {Rows(b, kOnes), Rows(a, kCounting)})),
                ElementsAre("y [1,4,] -1 0 1 2"));
  }
}

TEST_F(TorchModelTest, LeavesAnOptionalArgumentOutOrFillsIt) {
  EXPECT_THAT(Said(Run(Load("optional_input"), {Rows("x", kCounting)})),
              ElementsAre("y [1,4,] 1001 1002 1003 1004"));
  Model& both = Load(Renamed("optional_input", {"x", "bias"}));
  EXPECT_THAT(Said(Run(both, {Rows("x", kCounting), Rows("bias", kOnes)})),
              ElementsAre("y [1,4,] 2 3 4 5"));
}

TEST_F(TorchModelTest, RefusesToLoadWhereAnInputHasNoPlace) {
  EXPECT_THAT(WhyNot(Renamed("two_inputs", {"x", "z"})).ToString(),
              HasSubstr("input \"z\" matches no argument of forward(x, y)"));
  EXPECT_THAT(WhyNot(Renamed("two_inputs", {"x"})).ToString(),
              HasSubstr("argument \"y\" of forward(x, y) has no input"));
  EXPECT_THAT(WhyNot(Renamed("two_inputs", {"x", "x__0"})).ToString(),
              HasSubstr("input \"x__0\" matches no argument"));
  EXPECT_THAT(WhyNot(Renamed("two_inputs", {"x", "IN__0"})).ToString(),
              HasSubstr("input \"IN__0\": argument \"x\" is given twice"));
  EXPECT_THAT(WhyNot(Renamed("two_inputs", {"a", "b", "c"})).ToString(),
              HasSubstr("input \"c\" matches no argument"));
  EXPECT_THAT(WhyNot(Renamed("list_input", {"xs__1"})).ToString(),
              HasSubstr("input \"xs__1\""));
  EXPECT_THAT(WhyNot(Renamed("list_input", {"xs__7"})).ToString(),
              HasSubstr("input \"xs__7\""));
  EXPECT_THAT(WhyNot(Renamed("dict_input", {"a", "inputs__a"})).ToString(),
              HasSubstr("argument \"inputs\" is given twice"));
}

TEST_F(TorchModelTest, AnswersTuplesAndListsInOrder) {
  for (const char* name : {"tuple_output", "list_output"}) {
    EXPECT_THAT(Said(Run(Load(name), {Rows("x", kCounting)})),
                ElementsAre("plus [1,4,] 2 3 4 5", "double [1,4,] 2 4 6 8"));
  }
}

TEST_F(TorchModelTest, AnswersADictionaryByItsKeys) {
  EXPECT_THAT(Said(Run(Load("dict_output"), {Rows("x", kCounting)})),
              ElementsAre("plus [1,4,] 2 3 4 5", "double [1,4,] 2 4 6 8"));
}

TEST_F(TorchModelTest, AnswersOutputsByIndex) {
  ModelSource source = TorchSource("nested_output");
  source.config.outputs = {Declared("OUTPUT__3"), Declared("OUTPUT__0")};
  EXPECT_THAT(
      Said(Run(Load(source), {Rows("x", kCounting)})),
      ElementsAre("OUTPUT__3 [1,4,] 4 8 12 16", "OUTPUT__0 [1,4,] 2 3 4 5"));
}

TEST_F(TorchModelTest, NamesOutputsThatNobodyDeclared) {
  ModelSource source = TorchSource("nested_output");
  source.config.outputs.clear();
  EXPECT_THAT(
      Said(Run(Load(source), {Rows("x", kOnes)})),
      ElementsAre("output__0 [1,4,] 2 2 2 2", "output__1 [1,4,] 2 2 2 2",
                  "output__2 [1,4,] 3 3 3 3", "output__3 [1,4,] 4 4 4 4"));
}

TEST_F(TorchModelTest, FailsARunThatReturnsWhatCannotBeAnswered) {
  const RunResult number = Run(Load("number_output"), {Rows("x", kOnes)});
  EXPECT_EQ(number.outputs.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(number.outputs.status().ToString(), HasSubstr("returned a Int"));
  ModelSource source = TorchSource("tuple_output");
  source.config.outputs.push_back(Declared("third"));
  EXPECT_THAT(Said(Run(Load(source), {Rows("x", kOnes)})),
              ElementsAre(HasSubstr("none for output \"third\"")));
  source = TorchSource("dict_output");
  source.config.outputs = {Declared("plus"), Declared("absent")};
  EXPECT_THAT(Said(Run(Load(source), {Rows("x", kOnes)})),
              ElementsAre(HasSubstr("INTERNAL")));
}

TEST_F(TorchModelTest, MakesAnOutputDense) {
  ModelSource source = TorchSource("transposed");
  Model& model = Load(source);
  const TensorConfig& x = source.config.inputs[0];
  const Tensor input = FloatTensor(
      {1, x.shape[1], x.shape[2]},
      std::vector<float>(static_cast<size_t>(x.shape[1] * x.shape[2]), 1));
  RunResult result = Run(model, {{"x", input}});
  ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
  const Tensor& output = (*result.outputs)[0].tensor;
  EXPECT_THAT(output.shape(), ElementsAre(1, x.shape[2], x.shape[1]));
  EXPECT_NE(output.contiguous(), nullptr);
}

TEST_F(TorchModelTest, UsesAnAlignedInputWhereItLies) {
  Model& model = Load("identity");
  const Tensor input = FloatTensor({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  RunResult result = Run(model, {{"x", input}});
  ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
  const Tensor& output = (*result.outputs)[0].tensor;
  EXPECT_EQ(output.contiguous(), input.contiguous());
}

TEST_F(TorchModelTest, HoldsTheInputThatAnOutputAliases) {
  Model& model = Load("slice_input");
  auto values = std::make_shared<std::vector<float>>(kCounting);
  values->resize(8, 7);
  const std::weak_ptr<std::vector<float>> held = values;
  RunResult result;
  {
    const Tensor input =
        *Tensor::View(DataType::kFp32, {2, 4}, MemoryKind::kHost,
                      {{values->data(), 32}}, values);
    values.reset();
    result = Run(model, {{"x", input}});
  }
  ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
  EXPECT_FALSE(held.expired());
  EXPECT_THAT(Floats((*result.outputs)[0].tensor), ElementsAre(7, 7, 7, 7));
  result.outputs = Outputs{};
  EXPECT_TRUE(held.expired());
}

TEST_F(TorchModelTest, GathersAnInputThatIsInPieces) {
  Model& model = Load("affine");
  const Tensor whole = FloatTensor({1, 4}, kCounting);
  EXPECT_THAT(Said(Run(model, {{"x", InPieces(whole, 3)}})),
              ElementsAre("y [1,4,] 3 5 7 9"));
}

TEST_F(TorchModelTest, LeavesTheRequestAsItIsWhereTheModelWritesToItsInputs) {
  Model& model = Load("writes_input");
  const Tensor input = FloatTensor({1, 4}, kCounting);
  EXPECT_THAT(Said(Run(model, {{"x", input}})),
              ElementsAre("y [1,4,] 2 3 4 5"));
  EXPECT_THAT(Floats(input), ElementsAre(1, 2, 3, 4));
}

TEST_F(TorchModelTest, LeavesTheRequestAsItIsWhereTheModelWritesToAList) {
  Model& model = Load("writes_list");
  const Tensor input = FloatTensor({1, 4}, kCounting);
  EXPECT_THAT(Said(Run(model, {{"xs__0", input}, Rows("xs__1", kOnes)})),
              ElementsAre("y [1,4,] 2 3 4 5"));
  EXPECT_THAT(Floats(input), ElementsAre(1, 2, 3, 4));
}

TEST_F(TorchModelTest, LeavesTheRequestAsItIsWhereALaterRunWritesToIt) {
  Model& model = Load("writes_later");
  const Tensor input = FloatTensor({1, 4}, kCounting);
  for (int run = 0; run < 2; ++run) {
    EXPECT_THAT(Said(Run(model, {{"x", input}})),
                ElementsAre("y [1,4,] 2 3 4 5"));
    EXPECT_THAT(Floats(input), ElementsAre(1, 2, 3, 4));
  }
}

TEST_F(TorchModelTest, CopiesAnOutputThatIsPartOfTheModule) {
  Model& model = Load("parameter_output");
  const RunResult first = Run(model, {Rows("x", kOnes)});
  const RunResult second = Run(model, {Rows("x", kOnes)});
  EXPECT_THAT(Said(first), ElementsAre("y [4,] 0 1 2 3"));
  EXPECT_NE((*first.outputs)[0].tensor.contiguous(),
            (*second.outputs)[0].tensor.contiguous());
}

TEST_F(TorchModelTest, KeepsAnAnswerThatTheNextRunWouldWriteTo) {
  Model& model = Load("buffer_output");
  const RunResult first = Run(model, {Rows("x", kOnes)});
  const std::vector<std::string> said = Said(first);
  Run(model, {Rows("x", kOnes)});
  EXPECT_EQ(Said(first), said);
}

TEST_F(TorchModelTest, TakesEveryDatatypeThatTorchScriptHas) {
  Model& model = Load("identity");
  for (size_t i = 0; i < kDataTypes.size(); ++i) {
    const auto type = static_cast<DataType>(i);
    if (type == DataType::kBytes) continue;
    auto [input, data] = Tensor::Allocate(type, {3, 2});
    std::fill_n(data, input.size_bytes(), std::byte{1});
    for (const Tensor& one : {input, InPieces(input, 2)}) {
      const RunResult result = Run(model, {{"x", one}});
      ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
      const Tensor& output = (*result.outputs)[0].tensor;
      EXPECT_EQ(output.type(), type);
      EXPECT_EQ(ValuesOf<std::byte>(output), ValuesOf<std::byte>(input));
    }
  }
}

TEST_F(TorchModelTest, RefusesBytes) {
  const std::string text = "abcd";
  const Tensor bytes = *Tensor::View(DataType::kBytes, {1}, MemoryKind::kHost,
                                     {{text.data(), text.size()}}, nullptr);
  EXPECT_EQ(Run(Load("identity"), {{"x", bytes}}).outputs.status().code(),
            absl::StatusCode::kInvalidArgument);
  ModelSource source = TorchSource("affine");
  source.config.inputs[0].datatype = "BYTES";
  EXPECT_THAT(WhyNot(source).ToString(), HasSubstr("BYTES is nothing that"));
}

TEST_F(TorchModelTest, TakesTensorsWithoutElements) {
  const RunResult result =
      Run(Load("affine"), {{"x", FloatTensor({0, 4}, {})}});
  ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
  EXPECT_THAT((*result.outputs)[0].tensor.shape(), ElementsAre(0, 4));
  EXPECT_THAT(Floats((*result.outputs)[0].tensor), IsEmpty());
}

TEST_F(TorchModelTest, MatchesEachRequestWhereNothingIsDeclared) {
  ModelSource source = TorchSource("two_inputs");
  source.config = {};
  Model& model = Load(source);
  EXPECT_THAT(model.signature().inputs, IsEmpty());
  EXPECT_THAT(Said(Run(model, {Rows("y", kOnes), Rows("x", kCounting)})),
              ElementsAre("output__0 [1,4,] -1 0 1 2"));
  EXPECT_EQ(Run(model, {Rows("x", kOnes)}).outputs.status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(TorchModelTest, RefusesAnOptionThatItDoesNotKnow) {
  ModelSource source = TorchSource("affine");
  source.config.backend_options = {{"copies", "many"}};
  EXPECT_THAT(WhyNot(source).ToString(),
              HasSubstr("backend_options: copies: \"many\" is not known"));
}

TEST_F(TorchModelTest, RefusesAFileThatIsNoModel) {
  for (const char* name : {"broken", "truncated"}) {
    EXPECT_THAT(WhyNot(name).ToString(), HasSubstr("not a TorchScript file"));
  }
  ModelSource source = TorchSource("affine");
  source.path = "/nonexistent/model.pt";
  EXPECT_EQ(WhyNot(source).code(), absl::StatusCode::kNotFound);
  source.path = "/tmp";
  EXPECT_FALSE(WhyNot(source).ok());
}

TEST_F(TorchModelTest, RunsNothingThatNobodyWaitsFor) {
  Model& model = Load("counter");
  const std::atomic<bool> stop = true;
  const std::vector<NamedTensor> request = {Rows("x", kOnes)};
  BatchInputs inputs{{request}, 1};
  {
    SlotLease lease = *rig_.pool().Acquire(-1, kNever);
    EXPECT_EQ(model.Run(lease, inputs, {.stop = &stop}).outputs.status().code(),
              absl::StatusCode::kCancelled);
  }
  const RunResult first = Run(model, request);
  EXPECT_THAT((*first.outputs)[0].tensor.shape(), SizeIs(1));
  EXPECT_THAT(ValuesOf<int64_t>((*first.outputs)[0].tensor), ElementsAre(1));
}

}  // namespace
}  // namespace weir
