#include "config/model_config.h"

#include <chrono>
#include <string>

#include "config/config_yaml.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  const auto model = ParseModelConfig("m.yaml", text);
  return model.ok() ? "accepted" : std::string(model.status().message());
}

ModelConfig Parsed(const std::string& text) {
  const auto model = ParseModelConfig("m.yaml", text);
  EXPECT_TRUE(model.ok()) << model.status();
  return model.value_or(ModelConfig{});
}

std::string Input(const std::string& rest) {
  return "inputs: [{name: x, " + rest + "}]\n";
}

TEST(ModelConfigTest, IsAllDefaultsWhereNothingIsWritten) {
  EXPECT_EQ(Parsed(""), ModelConfig{});
}

TEST(ModelConfigTest, ReadsAWholeModel) {
  const ModelConfig model = Parsed(
      "device: [cuda:0, cuda:1]\n"
      "inputs:\n"
      "  - {name: ids, datatype: INT64, shape: [-1, 128], values: [0, 9]}\n"
      "outputs:\n"
      "  - {name: logits, datatype: FP32, shape: [-1, 2]}\n"
      "batch: {rows_max: 32, delay_max: 5ms}\n"
      "weight: 2.5\nruns_max: 4\nwarm_up: [1, 32]\nstateful: true\n");
  EXPECT_THAT(model.devices, ElementsAre("cuda:0", "cuda:1"));
  EXPECT_THAT(model.inputs,
              ElementsAre(TensorConfig{.name = "ids",
                                       .datatype = "INT64",
                                       .shape = {-1, 128},
                                       .values = ValueRange{0, 9}}));
  EXPECT_EQ(model.outputs[0].datatype, "FP32");
  EXPECT_EQ(model.batch, (BatchConfig{32, std::chrono::milliseconds(5)}));
  EXPECT_EQ(model.weight, 2.5);
  EXPECT_EQ(model.runs_max, 4);
  EXPECT_THAT(model.warm_up, ElementsAre(1, 32));
  EXPECT_TRUE(model.stateful);
}

TEST(ModelConfigTest, TakesOneDeviceWithoutBrackets) {
  EXPECT_THAT(Parsed("device: cpu").devices, ElementsAre("cpu"));
  EXPECT_THAT(ErrorOf("device: []"), HasSubstr("the wrong number of entries"));
}

TEST(ModelConfigTest, PassesBackendOptionsOnAsText) {
  const ModelConfig model = Parsed(
      "backend_options:\n"
      "  threads: 010\n"
      "  script: |\n"
      "    delay: 5ms\n"
      "    fail: 3\n");
  EXPECT_EQ(model.backend_options.at("threads"), "010");
  EXPECT_EQ(model.backend_options.at("script"), "delay: 5ms\nfail: 3\n");
}

// SEC-19
TEST(ModelConfigTest, BoundsBackendOptions) {
  EXPECT_THAT(ErrorOf("backend_options: {a b: 1}"), HasSubstr("not a name"));
  EXPECT_THAT(ErrorOf("backend_options: {a: [1]}"),
              HasSubstr("one value is needed"));
  EXPECT_THAT(ErrorOf("backend_options: {a: }"), HasSubstr("got nothing"));
  const std::string text(64 << 10, 'x');
  EXPECT_EQ(ErrorOf("backend_options: {a: " + text + "}"), "accepted");
  EXPECT_THAT(ErrorOf("backend_options: {a: x" + text + "}"),
              HasSubstr("too long"));
  std::string many = "backend_options:\n";
  for (int i = 0; i < 64; ++i) many += "  k" + std::to_string(i) + ": 1\n";
  EXPECT_EQ(ErrorOf(many), "accepted");
  EXPECT_THAT(ErrorOf(many + "  k: 1\n"), HasSubstr("too many entries"));
}

TEST(ModelConfigTest, RequiresTheKeysOfATensorAndOfABatch) {
  EXPECT_THAT(ErrorOf("inputs: [{datatype: FP32, shape: []}]"),
              HasSubstr("m.yaml:1:10: inputs[0].name: this key is required"));
  EXPECT_THAT(ErrorOf("inputs: [{name: x, shape: []}]"),
              HasSubstr("inputs[0].datatype: this key is required"));
  EXPECT_THAT(ErrorOf("outputs: [{name: x, datatype: FP32}]"),
              HasSubstr("outputs[0].shape: this key is required"));
  EXPECT_THAT(ErrorOf("batch: {}"),
              HasSubstr("batch.rows_max: this key is required"));
  EXPECT_THAT(ErrorOf("batch:"), HasSubstr("batch: a map is needed"));
}

TEST(ModelConfigTest, TakesTheProtocolsDatatypesOnly) {
  for (const char* datatype : {"BOOL", "UINT64", "BF16", "BYTES"}) {
    EXPECT_EQ(Parsed(Input("shape: [], datatype: " + std::string(datatype)))
                  .inputs[0]
                  .datatype,
              datatype);
  }
  for (const char* datatype :
       {"fp32", "TYPE_FP32", "STRING", "INT128", "\"\""}) {
    EXPECT_THAT(ErrorOf(Input("shape: [], datatype: " + std::string(datatype))),
                HasSubstr("inputs[0].datatype: not a datatype"));
  }
}

// SEC-08
TEST(ModelConfigTest, BoundsRankAndDimensions) {
  const std::string sixteen = "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1";
  EXPECT_EQ(ErrorOf(Input("datatype: FP32, shape: [" + sixteen + "]")),
            "accepted");
  EXPECT_THAT(ErrorOf(Input("datatype: FP32, shape: [1," + sixteen + "]")),
              HasSubstr("got a list of 17"));
  EXPECT_EQ(ErrorOf(Input("datatype: FP32, shape: [-1, 0, 2147483647]")),
            "accepted");
  EXPECT_THAT(ErrorOf(Input("datatype: FP32, shape: [-2]")),
              HasSubstr("inputs[0].shape[0]: out of bounds"));
  EXPECT_THAT(ErrorOf(Input("datatype: FP32, shape: [2147483648]")),
              HasSubstr("out of bounds"));
}

// SEC-09
TEST(ModelConfigTest, RefusesTwoTensorsOfOneName) {
  const std::string x = "{name: x, datatype: FP32, shape: []}";
  EXPECT_THAT(ErrorOf("inputs: [" + x + ", " + x + "]"),
              HasSubstr("inputs[1].name: the same as inputs[0].name"));
  EXPECT_THAT(ErrorOf("outputs: [" + x + ", " + x + "]"),
              HasSubstr("outputs[1].name: the same as outputs[0].name"));
  EXPECT_EQ(ErrorOf("inputs: [" + x + "]\noutputs: [" + x + "]"), "accepted");
}

TEST(ModelConfigTest, AllowsValuesForIntegerInputsOnly) {
  const std::string rest = ", shape: [1], values: [-5, 5]";
  EXPECT_EQ(ErrorOf(Input("datatype: INT8" + rest)), "accepted");
  EXPECT_EQ(ErrorOf(Input("datatype: UINT64" + rest)), "accepted");
  EXPECT_THAT(ErrorOf(Input("datatype: FP32" + rest)),
              HasSubstr("inputs[0].values: only an integer input"));
  EXPECT_THAT(ErrorOf("outputs: [{name: x, datatype: INT8" + rest + "}]"),
              HasSubstr("outputs[0].values: only an integer input"));
}

TEST(ModelConfigTest, RefusesARangeThatIsNone) {
  const std::string rest = "datatype: INT8, shape: [1], values: ";
  EXPECT_EQ(ErrorOf(Input(rest + "[5, 5]")), "accepted");
  EXPECT_THAT(ErrorOf(Input(rest + "[6, 5]")),
              HasSubstr("the first is more than the second"));
  for (const char* range : {"[1]", "[1, 2, 3]", "5", "{low: 1, high: 2}", ""}) {
    EXPECT_THAT(ErrorOf(Input(rest + range)),
                HasSubstr("two values are needed"))
        << range;
  }
}

TEST(ModelConfigTest, WantsTheBatchInDimensionZero) {
  const std::string batch = "batch: {rows_max: 2}\n";
  const std::string reason = "dimension 0 is the batch";
  EXPECT_EQ(ErrorOf(batch + Input("datatype: FP32, shape: [-1, 2]")),
            "accepted");
  EXPECT_THAT(ErrorOf(batch + Input("datatype: FP32, shape: [2, -1]")),
              HasSubstr(reason));
  EXPECT_THAT(ErrorOf(batch + Input("datatype: FP32, shape: []")),
              HasSubstr(reason));
  EXPECT_THAT(
      ErrorOf(batch + "outputs: [{name: y, datatype: FP32, shape: [2]}]"),
      HasSubstr("outputs[0].shape: " + reason));
}

TEST(ModelConfigTest, BoundsWarmUpByTheBatch) {
  EXPECT_EQ(ErrorOf("batch: {rows_max: 8}\nwarm_up: [1, 8]"), "accepted");
  EXPECT_THAT(ErrorOf("batch: {rows_max: 8}\nwarm_up: [1, 9]"),
              HasSubstr("m.yaml:2:14: warm_up[1]: more than batch.rows_max"));
  EXPECT_EQ(ErrorOf("warm_up: [1]"), "accepted");
  EXPECT_THAT(ErrorOf("warm_up: [2]"), HasSubstr("without a batch"));
}

TEST(ModelConfigTest, RefusesDevicesThatRepeatOrStandBesideAuto) {
  EXPECT_THAT(ErrorOf("device: [cpu, cpu]"),
              HasSubstr("m.yaml:1:15: device[1]: the same as device[0]"));
  EXPECT_THAT(ErrorOf("device: [auto, cpu]"), HasSubstr("stands alone"));
}

}  // namespace
}  // namespace weir
