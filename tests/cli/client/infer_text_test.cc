#include "cli/infer_text.h"

#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using std::chrono::microseconds;
using ::testing::HasSubstr;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

InferResult ResultOf(InferTensor output) {
  return {.model = "m", .version = "3", .outputs = {std::move(output)}};
}

std::string Json(const InferTensor& output) {
  return InferJson(ResultOf(output), microseconds(1500));
}

TEST(InferTextTest, ShowsATableOfTheOutputs) {
  InferResult result = ResultOf(TensorOf<float>("y", {1, 2}, {0.5, -3}));
  result.outputs.push_back(TensorOf<std::string>("label", {1}, {"a \"cat\""}));
  EXPECT_EQ(InferText(result, microseconds(1240)),
            "m version 3, in 1.24 ms\n"
            "output  datatype  shape  values\n"
            "y       FP32      [1,2]  0.5 -3\n"
            "label   BYTES     [1]    \"a \\\"cat\\\"\"\n");
}

TEST(InferTextTest, ShowsTheFirstValuesAlone) {
  const InferTensor nine =
      TensorOf<int8_t>("y", {9}, std::vector<int8_t>(9, 1));
  EXPECT_THAT(InferText(ResultOf(nine), microseconds(1)),
              HasSubstr("[9]    1 1 1 1 1 1 1 1 ...\n"));
  const InferTensor text =
      TensorOf<std::string>("y", {1}, {std::string(40, 'a')});
  EXPECT_THAT(InferText(ResultOf(text), microseconds(1)),
              HasSubstr("\"" + std::string(32, 'a') + "\"...\n"));
}

TEST(InferTextTest, ShowsNoControlCharacterOfOthers) {
  InferResult result =
      ResultOf(TensorOf<std::string>("y\x1b[2J", {2}, {"\x1b[2J", "\xff"}));
  result.model = "m\n";
  EXPECT_EQ(InferText(result, microseconds(1)).find('\x1b'), std::string::npos);
  EXPECT_THAT(InferText(result, microseconds(1)), HasSubstr("0xff"));
}

TEST(InferJsonOutputTest, HoldsAllValuesAsTheyWere) {
  EXPECT_EQ(Json(TensorOf<float>("y", {1, 2}, {0.1F, 3})),
            "{\"model\": \"m\", \"version\": \"3\", \"seconds\": 0.001500, "
            "\"outputs\": [{\"name\": \"y\", \"datatype\": \"FP32\", "
            "\"shape\": [1, 2], \"data\": [0.100000001, 3]}]}\n");
  EXPECT_THAT(Json(TensorOf<uint64_t>("y", {1}, {18446744073709551615U})),
              HasSubstr("[18446744073709551615]"));
  EXPECT_THAT(Json(TensorOf<bool>("y", {2}, {true, false})),
              HasSubstr("[true, false]"));
  EXPECT_THAT(Json(TensorOf<Fp16>("y", {1}, {Fp16{0x3C00}})), HasSubstr("[1]"));
  EXPECT_THAT(Json(TensorOf<double>("y", {20}, std::vector<double>(20, 0.1))),
              HasSubstr("0.10000000000000001]"));
}

TEST(InferJsonOutputTest, StaysJsonWhateverTheValuesAre) {
  EXPECT_THAT(Json(TensorOf<float>("y", {2}, {kInfinity, -kInfinity})),
              HasSubstr("[\"Infinity\", \"-Infinity\"]"));
  EXPECT_THAT(Json(TensorOf<std::string>("y", {2}, {"a\"", "\xff"})),
              HasSubstr("[\"a\\\"\", {\"b64\": \"/w==\"}]"));
}

TEST(FailureTextTest, SaysWhatToDo) {
  const auto text = [](const absl::Status& status, bool is_connected) {
    return FailureText(status, is_connected, "localhost:8001", "m", "");
  };
  EXPECT_THAT(text(absl::UnavailableError("refused"), false),
              HasSubstr("nothing answers at localhost:8001; start one with "
                        "'weir serve'"));
  EXPECT_EQ(text(absl::UnavailableError("draining"), true),
            "localhost:8001 answered UNAVAILABLE: draining");
  EXPECT_THAT(text(absl::NotFoundError("unknown model"), true),
              HasSubstr("localhost:8001 serves no model \"m\"; "));
  EXPECT_THAT(text(absl::DeadlineExceededError("late"), true),
              HasSubstr("allow more with --timeout"));
}

TEST(DurationTextTest, HasThreeFiguresThatMatter) {
  EXPECT_EQ(DurationText(microseconds(80)), "0.08 ms");
  EXPECT_EQ(DurationText(microseconds(99'990)), "99.99 ms");
  EXPECT_EQ(DurationText(microseconds(150'000)), "150 ms");
  EXPECT_EQ(DurationText(microseconds(1'500'000)), "1.50 s");
}

}  // namespace
}  // namespace weir
