#include "server/pipeline/tensor_check.h"

#include <cstdint>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/pipeline_rig.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

// A model with two inputs, checked through the handle that a store gives out.
class TensorCheckTest : public testing::Test {
 protected:
  TensorCheckTest() {
    ModelConfig config;
    config.inputs = {{.name = "ids",
                      .datatype = "INT64",
                      .shape = {-1, 2},
                      .values = ValueRange{0, 9}},
                     {.name = "mask", .datatype = "FP32", .shape = {-1, 2}}};
    config.batch = BatchConfig{.rows_max = 4};
    model_ = *rig_.TryLoad("m", config);
  }

  static NamedTensor Ids(const std::vector<int64_t>& values, int64_t rows = 1) {
    return {"ids", IntTensor({rows, 2}, values)};
  }
  static NamedTensor Mask(int64_t rows = 1) {
    return {"mask", FloatTensor({rows, 2}, std::vector<float>(
                                               static_cast<size_t>(rows) * 2))};
  }
  absl::Status Check(std::vector<NamedTensor> inputs) {
    Reply reply;
    Request request(reply.MakeCompletion(ledger_));
    request.inputs = std::move(inputs);
    absl::Status status = CheckInputs(*model_, limits_, request);
    key_ = request.batch_key;
    first_ = request.inputs.empty() ? "" : request.inputs[0].name;
    std::move(request.completion)
        .Finish(Refuse(absl::CancelledError("checked"), Refusal::kNone));
    return status;
  }
  std::string Why(std::vector<NamedTensor> inputs) {
    const absl::Status status = Check(std::move(inputs));
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  }

  PipelineRig rig_;
  AnswerLedger ledger_;
  LimitsConfig limits_;
  ModelHandle model_;
  std::string key_;
  std::string first_;
};

TEST_F(TensorCheckTest, BringsInputsIntoTheModelsOrder) {
  EXPECT_TRUE(Check({Mask(), Ids({1, 2})}).ok());
  EXPECT_EQ(first_, "ids");
}

TEST_F(TensorCheckTest, SaysWhatWasExpectedAndWhatCame) {
  EXPECT_EQ(Why({{"ids", FloatTensor({1, 2}, {1, 2})}, Mask()}),
            "input \"ids\": expected INT64 [-1,2], got FP32 [1,2]");
  EXPECT_EQ(Why({{"ids", IntTensor({1, 3}, {1, 2, 3})}, Mask()}),
            "input \"ids\": expected INT64 [-1,2], got INT64 [1,3]");
  EXPECT_EQ(Why({{"ids", IntTensor({2}, {1, 2})}, Mask()}),
            "input \"ids\": expected INT64 [-1,2], got INT64 [2]");
}

TEST_F(TensorCheckTest, RefusesMissingDoubleAndUnknownInputs) {
  EXPECT_EQ(Why({Ids({1, 2})}), "input \"mask\" is missing");
  EXPECT_EQ(Why({Ids({1, 2}), Ids({1, 2})}), "input \"ids\" is given twice");
  EXPECT_THAT(Why({Ids({1, 2}), Mask(), {"x\n", FloatTensor({1}, {1})}}),
              HasSubstr("input \"x\\n\" is not one of the 2"));
}

TEST_F(TensorCheckTest, RefusesAValueOutsideItsRangeBeforeADeviceSeesIt) {
  EXPECT_TRUE(Check({Ids({0, 9}), Mask()}).ok());
  EXPECT_EQ(Why({Ids({0, 10}), Mask()}),
            "input \"ids\": value 10 is not within [0,9]");
  EXPECT_EQ(Why({Ids({-1, 0}), Mask()}),
            "input \"ids\": value -1 is not within [0,9]");
}

TEST_F(TensorCheckTest, RefusesMoreRowsThanABatchHolds) {
  EXPECT_TRUE(Check({Ids({1, 1, 1, 1, 1, 1, 1, 1}, 4), Mask(4)}).ok());
  EXPECT_EQ(Why({Ids(std::vector<int64_t>(10, 1), 5), Mask(5)}),
            "5 rows, the model takes at most 4");
}

TEST_F(TensorCheckTest, RefusesInputsThatDifferInTheirRows) {
  EXPECT_THAT(Why({Ids({1, 1}), Mask(2)}), HasSubstr("dimension 0"));
}

TEST_F(TensorCheckTest, GivesOneKeyToRequestsThatDifferInRowsAlone) {
  EXPECT_TRUE(Check({Ids({1, 2}), Mask()}).ok());
  const std::string one_row = key_;
  EXPECT_TRUE(Check({Ids({1, 2, 3, 4}, 2), Mask(2)}).ok());
  EXPECT_EQ(key_, one_row);
}

TEST_F(TensorCheckTest, RefusesTooManyInputsAndDimensions) {
  limits_.inputs_max = 1;
  EXPECT_EQ(Why({Ids({1, 2}), Mask()}), "2 inputs, at most 1");
  limits_.inputs_max = 256;
  limits_.rank_max = 1;
  EXPECT_THAT(Why({Ids({1, 2}), Mask()}), HasSubstr("2 dimensions, at most 1"));
}

}  // namespace
}  // namespace weir
