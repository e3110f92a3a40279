#include "server/rpc/wire/infer_answer.h"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "inference/grpc_service.pb.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using Message = inference::ModelInferResponse;

// A tensor over `bytes`, in two chunks where it has more than one byte.
NamedTensor Output(const std::string& name, DataType type, const Shape& shape,
                   const std::string& bytes) {
  auto owner = std::make_shared<const std::string>(bytes);
  const size_t half = bytes.size() / 2;
  const Chunk first = {owner->data(), half};
  const Chunk second = {owner->data() + half, bytes.size() - half};
  return {name, *Tensor::View(type, shape, MemoryKind::kHost, {first, second},
                              owner)};
}

NamedTensor Large(const std::string& name) {
  return Output(name, DataType::kUint8, {2000}, std::string(2000, name[0]));
}

std::vector<WirePiece> Encoded(const InferAnswer& answer) {
  absl::StatusOr<std::vector<WirePiece>> pieces = EncodeInferAnswer(answer);
  EXPECT_TRUE(pieces.ok()) << pieces.status();
  return pieces.ok() ? *std::move(pieces) : std::vector<WirePiece>();
}

Message Parsed(const std::vector<WirePiece>& pieces) {
  std::string bytes;
  for (const WirePiece& piece : pieces) {
    bytes.append(static_cast<const char*>(piece.bytes.data), piece.bytes.size);
  }
  Message message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  EXPECT_EQ(message.SerializeAsString(), bytes);
  return message;
}

std::vector<std::string> NamesOf(const Message& message) {
  std::vector<std::string> names;
  for (const auto& output : message.outputs()) names.push_back(output.name());
  return names;
}

TEST(InferAnswerTest, IsWhatProtobufReads) {
  const std::vector<NamedTensor> outputs = {
      Output("a", DataType::kFp32, {1, 2}, "12345678"), Large("b"),
      Output("c", DataType::kFp16, {0, 3}, "")};

  const Message message = Parsed(Encoded({"unet", "3", "id", outputs, {}}));

  EXPECT_EQ(message.model_name(), "unet");
  EXPECT_EQ(message.model_version(), "3");
  EXPECT_EQ(message.id(), "id");
  EXPECT_THAT(NamesOf(message), ElementsAre("a", "b", "c"));
  EXPECT_EQ(message.outputs(0).datatype(), "FP32");
  EXPECT_THAT(message.outputs(2).shape(), ElementsAre(0, 3));
  EXPECT_THAT(message.raw_output_contents(),
              ElementsAre("12345678", std::string(2000, 'b'), ""));
}

TEST(InferAnswerTest, GivesEveryDatatypeItsName) {
  for (size_t i = 0; i < kDataTypes.size(); ++i) {
    const auto type = static_cast<DataType>(i);
    const std::string bytes(
        static_cast<size_t>(kDataTypes[i].element_size_bytes), 'e');
    const std::vector<NamedTensor> outputs = {Output("y", type, {}, bytes)};
    const Message message = Parsed(Encoded({"m", "1", "", outputs, {}}));
    EXPECT_EQ(message.outputs(0).datatype(), std::string(Facts(type).name));
    EXPECT_THAT(message.raw_output_contents(), ElementsAre(bytes));
  }
}

TEST(InferAnswerTest, SelectsAndOrdersWhatWasRequested) {
  const std::vector<NamedTensor> outputs = {Large("a"), Large("b"), Large("c")};
  const std::vector<std::string> requested = {"c", "a"};

  const Message message = Parsed(Encoded({"m", "1", "", outputs, requested}));

  EXPECT_THAT(NamesOf(message), ElementsAre("c", "a"));
  EXPECT_THAT(message.raw_output_contents(),
              ElementsAre(std::string(2000, 'c'), std::string(2000, 'a')));
}

TEST(InferAnswerTest, RefusesAnOutputThatThereIsNot) {
  const std::vector<NamedTensor> outputs = {Large("a")};
  const std::vector<std::string> requested = {"a", "b\n"};
  const auto pieces = EncodeInferAnswer({"m", "1", "", outputs, requested});
  EXPECT_EQ(pieces.status(),
            absl::InvalidArgumentError(
                R"(output "b\n" is not one of the 1 that the model gives)"));
}

TEST(InferAnswerTest, SendsTheMemoryOfALargeOutputAndKeepsItsOwner) {
  std::vector<NamedTensor> outputs = {Large("a")};
  const void* data = outputs[0].tensor.chunks()[0].data;
  const std::weak_ptr<const void> owner = outputs[0].tensor.owner();

  const std::vector<WirePiece> pieces = Encoded({"m", "1", "", outputs, {}});
  outputs.clear();

  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[1].bytes.data, data);
  EXPECT_FALSE(owner.expired());
  EXPECT_EQ(Parsed(pieces).raw_output_contents(0), std::string(2000, 'a'));
}

TEST(InferAnswerTest, CopiesOutputsUpToAKibibyteIntoOnePiece) {
  const auto num_pieces = [](int64_t size) {
    const std::string bytes(static_cast<size_t>(size), 'x');
    const std::vector<NamedTensor> outputs = {
        Output("a", DataType::kUint8, {size}, bytes),
        Output("b", DataType::kUint8, {size}, bytes)};
    return Encoded({"m", "1", "", outputs, {}}).size();
  };
  EXPECT_EQ(num_pieces(1024), 1U);
  EXPECT_EQ(num_pieces(1025), 6U);
}

TEST(InferAnswerTest, RefusesMoreThanAMessageCanHold) {
  constexpr size_t kMebibytes = 2048;
  auto owner = std::make_shared<const std::string>(kMebibyte, 'x');
  const Tensor::Chunks chunks(kMebibytes, Chunk{owner->data(), owner->size()});
  const std::vector<NamedTensor> outputs = {
      {"y", *Tensor::View(DataType::kUint8, {kMebibytes * kMebibyte},
                          MemoryKind::kHost, chunks, owner)}};
  EXPECT_EQ(EncodeInferAnswer({"m", "1", "", outputs, {}}).status().code(),
            absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace weir
