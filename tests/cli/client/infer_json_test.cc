#include "cli/infer_json.h"

#include <cmath>
#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <typename Element>
std::vector<Element> Elements(const std::string& text) {
  const absl::StatusOr<InferTensor> tensor =
      TensorOfJson(text, DatatypeOf<Element>::kName);
  EXPECT_TRUE(tensor.ok()) << tensor.status();
  return tensor.ok() ? *ElementsOf<Element>(*tensor) : std::vector<Element>();
}

std::string Problem(const std::string& text, const std::string& datatype) {
  return std::string(TensorOfJson(text, datatype).status().message());
}

TEST(InferJsonTest, HasTheShapeThatTheListsHave) {
  EXPECT_THAT(TensorOfJson("[[1, 2, 3], [4, 5, 6]]", "FP32")->shape,
              ElementsAre(2, 3));
  EXPECT_THAT(TensorOfJson("[[[1]]]", "INT8")->shape, ElementsAre(1, 1, 1));
  EXPECT_THAT(TensorOfJson("7", "INT8")->shape, IsEmpty());
  EXPECT_THAT(TensorOfJson("[]", "INT8")->shape, ElementsAre(0));
  EXPECT_THAT(TensorOfJson("[[], []]", "INT8")->shape, ElementsAre(2, 0));
}

TEST(InferJsonTest, ReadsEachDatatype) {
  EXPECT_THAT(Elements<float>("[1, -2.5, 1e3]"), ElementsAre(1, -2.5, 1000));
  EXPECT_THAT(Elements<double>("[0.1]"), ElementsAre(0.1));
  EXPECT_THAT(Elements<Fp16>("[1, 0.5]"),
              ElementsAre(Fp16{0x3C00}, Fp16{0x3800}));
  EXPECT_THAT(Elements<Bf16>("[1]"), ElementsAre(Bf16{0x3F80}));
  EXPECT_THAT(Elements<bool>("[true, false]"), ElementsAre(true, false));
  EXPECT_THAT(Elements<std::string>("[\"a\", \"\\u00e9\\n\", \"1\"]"),
              ElementsAre("a", "\u00e9\n", "1"));
  EXPECT_THAT(Elements<int8_t>("[-128, 127]"), ElementsAre(-128, 127));
}

TEST(InferJsonTest, KeepsIntegersToTheLastBit) {
  EXPECT_THAT(
      Elements<int64_t>("[-9223372036854775808, 9007199254740993]"),
      ElementsAre(std::numeric_limits<int64_t>::min(), 9007199254740993));
  EXPECT_THAT(Elements<uint64_t>("[18446744073709551615]"),
              ElementsAre(std::numeric_limits<uint64_t>::max()));
}

TEST(InferJsonTest, TakesTheFloatsThatAreNoNumbers) {
  const std::vector<float> values =
      Elements<float>("[NaN, Infinity, -Infinity]");
  EXPECT_TRUE(std::isnan(values[0]));
  EXPECT_EQ(values[1], HUGE_VALF);
  EXPECT_EQ(values[2], -HUGE_VALF);
}

TEST(InferJsonTest, RefusesListsThatMakeNoTensor) {
  EXPECT_EQ(Problem("[[1, 2], [3]]", "FP32"),
            "its lists are not of one length");
  EXPECT_EQ(Problem("[[1], 2]", "FP32"), "its lists are not of one length");
  EXPECT_EQ(Problem("[1, [2]]", "FP32"), "its lists are not of one depth");
  EXPECT_EQ(Problem("[null]", "FP32"), "an element is neither number nor text");
  EXPECT_EQ(Problem("{a: 1}", "FP32"), "an element is neither number nor text");
  EXPECT_THAT(Problem("[1, 2", "FP32"), HasSubstr("JSON:1:"));
  EXPECT_NE(Problem(std::string(100, '['), "FP32"), "");
}

struct Refused {
  const char* text;
  const char* datatype;
};

class InferJsonRefusedTest : public testing::TestWithParam<Refused> {};

TEST_P(InferJsonRefusedTest, ForTheDatatype) {
  EXPECT_THAT(Problem(GetParam().text, GetParam().datatype),
              HasSubstr(std::string(" is no ") + GetParam().datatype));
}

INSTANTIATE_TEST_SUITE_P(
    Elements, InferJsonRefusedTest,
    testing::Values(Refused{"[256]", "UINT8"}, Refused{"[-1]", "UINT8"},
                    Refused{"[128]", "INT8"}, Refused{"[1.0]", "INT32"},
                    Refused{"[18446744073709551616]", "UINT64"},
                    Refused{"[\"1\"]", "INT8"}, Refused{"[\"1\"]", "FP32"},
                    Refused{"[1e39]", "FP32"}, Refused{"[1e999]", "FP64"},
                    Refused{"[65520]", "FP16"}, Refused{"[nan]", "FP32"},
                    Refused{"[true]", "FP32"}, Refused{"[1]", "BOOL"},
                    Refused{"[\"true\"]", "BOOL"}, Refused{"[a]", "BYTES"}));

}  // namespace
}  // namespace weir
