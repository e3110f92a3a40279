#include "server/rpc/wire/infer_call.h"

#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/wire/wire_rig.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using Contents = inference::InferTensorContents;

// The elements of `bytes`, as the protocol's other way to send them.
template <typename Element, typename Add>
void AddEach(const std::string& bytes, const Add& add) {
  for (size_t i = 0; i < bytes.size(); i += sizeof(Element)) {
    Element element;
    std::memcpy(&element, &bytes[i], sizeof(element));
    add(element);
  }
}

void AddElements(DataType type, const std::string& bytes, Contents& contents) {
  const auto add_int = [&](auto value) { contents.add_int_contents(value); };
  const auto add_uint = [&](auto value) { contents.add_uint_contents(value); };
  const auto add_bool = [&](bool value) { contents.add_bool_contents(value); };
  if (type == DataType::kBool) AddEach<bool>(bytes, add_bool);
  if (type == DataType::kInt8) AddEach<int8_t>(bytes, add_int);
  if (type == DataType::kInt16) AddEach<int16_t>(bytes, add_int);
  if (type == DataType::kInt32) AddEach<int32_t>(bytes, add_int);
  if (type == DataType::kUint8) AddEach<uint8_t>(bytes, add_uint);
  if (type == DataType::kUint16) AddEach<uint16_t>(bytes, add_uint);
  if (type == DataType::kUint32) AddEach<uint32_t>(bytes, add_uint);
  if (type == DataType::kInt64) {
    AddEach<int64_t>(bytes, [&](auto v) { contents.add_int64_contents(v); });
  }
  if (type == DataType::kUint64) {
    AddEach<uint64_t>(bytes, [&](auto v) { contents.add_uint64_contents(v); });
  }
  if (type == DataType::kFp32) {
    AddEach<float>(bytes, [&](auto v) { contents.add_fp32_contents(v); });
  }
  if (type == DataType::kFp64) {
    AddEach<double>(bytes, [&](auto v) { contents.add_fp64_contents(v); });
  }
}

using Case = std::tuple<DataType, std::vector<int64_t>>;

class DatatypeTest : public testing::TestWithParam<Case> {
 protected:
  DataType type() const { return std::get<0>(GetParam()); }
  const std::vector<int64_t>& shape() const { return std::get<1>(GetParam()); }
  int64_t num_elements() const { return *NumElements(shape()); }
  bool is_bytes() const { return type() == DataType::kBytes; }

  inference::ModelInferRequest Request() const {
    return RequestFor("x", std::string(Facts(type()).name), shape());
  }
  std::vector<std::string> Strings() const {
    std::vector<std::string> strings;
    for (int64_t i = 0; i < num_elements(); ++i) {
      strings.emplace_back(static_cast<size_t>(i), '\xFF');
    }
    return strings;
  }
  // No two bytes alike, and the sign bits of some elements set.
  std::string Raw() const {
    if (is_bytes()) return Framing(Strings());
    std::string bytes(static_cast<size_t>(*SizeInBytes(type(), shape())), 0);
    for (size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<char>(type() == DataType::kBool ? i % 2 : 250 - i);
    }
    return bytes;
  }
  void ExpectIsRaw(const absl::StatusOr<InferCall>& call) const {
    ASSERT_TRUE(call.ok()) << call.status();
    ASSERT_EQ(call->inputs.size(), 1U);
    EXPECT_EQ(call->inputs[0].name, "x");
    EXPECT_EQ(call->inputs[0].tensor.type(), type());
    EXPECT_EQ(call->inputs[0].tensor.shape(),
              Shape(shape().begin(), shape().end()));
    EXPECT_EQ(BytesOf(call->inputs[0].tensor), Raw());
  }
};

TEST_P(DatatypeTest, TakesRawBytesAsTheyAre) {
  inference::ModelInferRequest request = Request();
  request.add_raw_input_contents(Raw());
  ExpectIsRaw(Decoded(request));
}

TEST_P(DatatypeTest, MakesTheSameBytesOfContents) {
  inference::ModelInferRequest request = Request();
  Contents& contents = *request.mutable_inputs(0)->mutable_contents();
  AddElements(type(), Raw(), contents);
  if (is_bytes()) {
    for (const std::string& s : Strings()) contents.add_bytes_contents(s);
  }
  if (type() == DataType::kFp16 || type() == DataType::kBf16) {
    EXPECT_EQ(Why(Decoded(request)),
              "input \"x\": expected raw_input_contents, for " +
                  std::string(Facts(type()).name) + " travels in them alone");
    return;
  }
  ExpectIsRaw(Decoded(request));
}

TEST_P(DatatypeTest, RefusesAByteMoreOrLess) {
  inference::ModelInferRequest request = Request();
  request.add_raw_input_contents(Raw() + '\0');
  EXPECT_NE(Why(Decoded(request)), "");
  if (Raw().empty()) return;
  request.set_raw_input_contents(0, Raw().substr(1));
  EXPECT_NE(Why(Decoded(request)), "");
}

std::vector<DataType> AllTypes() {
  std::vector<DataType> types;
  for (size_t i = 0; i < kDataTypes.size(); ++i) {
    types.push_back(static_cast<DataType>(i));
  }
  return types;
}

INSTANTIATE_TEST_SUITE_P(
    All, DatatypeTest,
    testing::Combine(testing::ValuesIn(AllTypes()),
                     testing::Values(std::vector<int64_t>{},
                                     std::vector<int64_t>{3},
                                     std::vector<int64_t>{4, 0},
                                     std::vector<int64_t>{1, 2, 1, 3})));

TEST(InferCallTest, KeepsTheBitsOfNotANumberAndInfinity) {
  const std::vector<uint32_t> bits = {0x7FC00001, 0xFFC12345, 0x7F800001,
                                      0x7F800000, 0xFF800000, 0x80000000};
  std::string raw(bits.size() * 4, '\0');
  std::memcpy(raw.data(), bits.data(), raw.size());
  inference::ModelInferRequest request = RequestFor("x", "FP32", {6});
  inference::ModelInferRequest typed = request;
  request.add_raw_input_contents(raw);
  AddElements(DataType::kFp32, raw,
              *typed.mutable_inputs(0)->mutable_contents());

  EXPECT_EQ(BytesOf(Decoded(request)->inputs[0].tensor), raw);
  EXPECT_EQ(BytesOf(Decoded(typed)->inputs[0].tensor), raw);
}

TEST(InferCallTest, LeavesRawDataInTheMessageAndSharesItsOwner) {
  inference::ModelInferRequest request = RequestFor("x", "UINT8", {4});
  request.add_raw_input_contents("abcd");
  auto bytes = std::make_shared<const std::string>(request.SerializeAsString());
  const std::vector<Chunk> chunks = {{bytes->data(), bytes->size()}};

  const absl::StatusOr<InferCall> call = DecodeInferCall(chunks, bytes, {});

  const Tensor& tensor = call->inputs[0].tensor;
  EXPECT_EQ(tensor.contiguous(), bytes->data() + bytes->find("abcd"));
  EXPECT_EQ(tensor.owner(), bytes);
}

TEST(InferCallTest, CountsTheMessageAndWhatItTookBeside) {
  inference::ModelInferRequest request = RequestFor("x", "INT64", {2});
  Contents& contents = *request.mutable_inputs(0)->mutable_contents();
  contents.add_int64_contents(1);
  contents.add_int64_contents(2);

  EXPECT_EQ(Decoded(request)->bytes,
            static_cast<int64_t>(request.ByteSizeLong()) + 16);
}

TEST(InferCallTest, SaysWhatIsAskedForAndInWhichOrder) {
  inference::ModelInferRequest request;
  request.set_model_name("unet");
  request.set_model_version("3");
  request.set_id("a-1");
  for (const char* name : {"z", "a", "y"}) {
    request.add_outputs()->set_name(name);
  }

  const absl::StatusOr<InferCall> call = Decoded(request);

  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->model_name, "unet");
  EXPECT_EQ(call->model_version, "3");
  EXPECT_EQ(call->id, "a-1");
  EXPECT_THAT(call->outputs, ElementsAre("z", "a", "y"));
  EXPECT_EQ(call->parameters, "");
}

TEST(InferCallTest, TakesPriorityAndTimeoutInEitherKindOfNumber) {
  inference::ModelInferRequest request;
  auto& parameters = *request.mutable_parameters();
  EXPECT_EQ(Decoded(request)->timeout, std::nullopt);
  parameters["priority"].set_uint64_param(0);
  parameters["timeout"].set_int64_param(0);
  EXPECT_EQ(Decoded(request)->priority, kPriorityDefault);
  EXPECT_EQ(Decoded(request)->timeout, std::nullopt);
  parameters["priority"].set_int64_param(9);
  parameters["timeout"].set_uint64_param(1500);
  EXPECT_EQ(Decoded(request)->priority, kPriorityLowest);
  EXPECT_EQ(Decoded(request)->timeout, std::chrono::microseconds(1500));
}

TEST(InferCallTest, TakesATimeoutPastTheEndOfTimeForNone) {
  inference::ModelInferRequest request;
  (*request.mutable_parameters())["timeout"].set_int64_param(INT64_MAX);
  ASSERT_TRUE(Decoded(request).ok());
  EXPECT_EQ(Decoded(request)->timeout, std::nullopt);
}

TEST(InferCallTest, AcceptsWhatLoadToolsAlwaysSend) {
  inference::ModelInferRequest request;
  (*request.mutable_parameters())["triton_enable_empty_final_response"]
      .set_bool_param(true);
  EXPECT_TRUE(Decoded(request).ok());
}

TEST(InferCallTest, AcceptsWhatKserveSendsWithRawData) {
  inference::ModelInferRequest request = RequestFor("x", "FP32", {2});
  (*request.mutable_inputs(0)->mutable_parameters())["binary_data_size"]
      .set_int64_param(8);
  request.add_raw_input_contents("12345678");
  EXPECT_TRUE(Decoded(request).ok());
}

}  // namespace
}  // namespace weir
