#include "clients/cpp/tensor.h"

#include <limits>
#include <type_traits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Problem(const InferTensor& tensor) {
  return std::string(CheckTensor(tensor).message());
}

TEST(InferTensorTest, GivesBackTheElementsItWasMadeOf) {
  const InferTensor floats = TensorOf<float>("x", {2, 2}, {1, -2, 3, 4.5});
  EXPECT_EQ(floats.datatype, "FP32");
  EXPECT_THAT(*ElementsOf<float>(floats), ElementsAre(1, -2, 3, 4.5));
  const InferTensor flags = TensorOf<bool>("b", {3}, {true, false, true});
  EXPECT_EQ(flags.bytes, std::string("\1\0\1", 3));
  EXPECT_THAT(*ElementsOf<bool>(flags), ElementsAre(true, false, true));
  const InferTensor halves = TensorOf<Bf16>("h", {1}, {Bf16{0x3F80}});
  EXPECT_EQ(halves.datatype, "BF16");
  EXPECT_THAT(*ElementsOf<Bf16>(halves), ElementsAre(Bf16{0x3F80}));
}

TEST(InferTensorTest, KeepsEachByteOfItsTexts) {
  const std::vector<std::string> texts = {"", std::string("a\0b", 3), "\xFF"};
  const InferTensor tensor = TensorOf<std::string>("t", {3}, texts);
  EXPECT_EQ(tensor.bytes, std::string("\0\0\0\0\3\0\0\0a\0b\1\0\0\0\xFF", 16));
  EXPECT_EQ(*ElementsOf<std::string>(tensor), texts);
}

TEST(InferTensorTest, WritesLittleEndian) {
  EXPECT_EQ(TensorOf<uint32_t>("x", {1}, {0x01020304}).bytes, "\4\3\2\1");
}

TEST(InferTensorTest, GivesNoElementsOfAnotherType) {
  const InferTensor tensor = TensorOf<float>("x", {1}, {1});
  EXPECT_EQ(ElementsOf<int32_t>(tensor).status().message(),
            "tensor \"x\" is FP32, not INT32");
}

TEST(InferTensorTest, RefusesBytesThatDoNotFit) {
  EXPECT_EQ(Problem(TensorOf<float>("x", {1, 3}, {1, 2})),
            "tensor \"x\": FP32 [1,3]: that is 3 elements of 4 bytes, there "
            "are 8 bytes");
  EXPECT_THAT(Problem({"x", "FP32", {2}, "seven b"}), HasSubstr("7 bytes"));
  EXPECT_THAT(Problem({"x", "FP31", {}, ""}), HasSubstr("no such datatype"));
  EXPECT_THAT(Problem({"x", "INT8", {-1}, ""}), HasSubstr("is negative"));
}

TEST(InferTensorTest, RefusesTextsThatDoNotFit) {
  const std::string two = EncodeElements(std::vector<std::string>{"a", "bc"});
  EXPECT_EQ(Problem({"t", "BYTES", {2}, two}), "");
  EXPECT_THAT(Problem({"t", "BYTES", {1}, two}),
              HasSubstr("6 bytes follow the last element"));
  for (size_t size = 0; size < two.size(); ++size) {
    EXPECT_THAT(Problem({"t", "BYTES", {2}, two.substr(0, size)}),
                HasSubstr("ends past the bytes"));
  }
}

TEST(InferTensorTest, BearsAnyShape) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(Problem({"x", "INT8", {kMost, 2}, "a"}), HasSubstr("too many"));
  EXPECT_THAT(Problem({"x", "FP64", {kMost}, "12345678"}),
              HasSubstr("there are 8 bytes"));
  EXPECT_THAT(Problem({"t", "BYTES", {kMost}, "1234"}), HasSubstr("ends past"));
  EXPECT_EQ(Problem({"x", "FP64", {kMost, kMost, 0}, ""}), "");
  EXPECT_EQ(Problem({"x", "INT8", {}, "1"}), "");
}

TEST(InferTensorTest, HasATypeForEachDatatype) {
  for (const char* name :
       {"BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32",
        "INT64", "FP16", "BF16", "FP32", "FP64", "BYTES"}) {
    EXPECT_EQ(VisitDatatype(name,
                            [](const auto& element) -> std::string {
                              using Element = std::decay_t<decltype(element)>;
                              return DatatypeOf<Element>::kName;
                            }),
              name);
  }
}

}  // namespace
}  // namespace weir
