// The bytes of a message, against what protobuf makes of the same.
#include "server/rpc/wire/infer_message.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/wire/wire_rig.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using Message = inference::ModelInferRequest;

// Every field, raw data of two inputs, and a parameter.
Message WholeRequest() {
  Message request = RequestFor("x", "FP32", {2});
  request.set_model_version("3");
  request.set_id("a-1");
  (*request.mutable_parameters())["priority"].set_int64_param(2);
  auto& bytes = *request.add_inputs();
  bytes.set_name("text");
  bytes.set_datatype("BYTES");
  bytes.add_shape(2);
  request.add_outputs()->set_name("y");
  request.add_raw_input_contents("12345678");
  request.add_raw_input_contents(Framing({"ab", "cde"}));
  return request;
}

absl::StatusOr<InferMessage> Read(const std::string& bytes) {
  const std::vector<Chunk> chunks = {{bytes.data(), bytes.size()}};
  return ReadInferMessage(chunks, 256);
}

// Whether weir and protobuf agree on that the bytes are a message.
bool IsAccepted(const std::string& bytes) {
  const bool is_read = Read(bytes).ok();
  EXPECT_EQ(is_read, Message().ParseFromString(bytes));
  return is_read;
}

TEST(InferMessageTest, ReadsTheSameWhereverTheMessageIsCut) {
  const std::string bytes = WholeRequest().SerializeAsString();
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    const absl::StatusOr<InferCall> call = DecodedBytes(bytes, cut);
    ASSERT_TRUE(call.ok()) << call.status() << " at " << cut;
    ASSERT_EQ(call->inputs.size(), 2U);
    EXPECT_EQ(BytesOf(call->inputs[0].tensor), "12345678");
    EXPECT_EQ(BytesOf(call->inputs[1].tensor), Framing({"ab", "cde"}));
    EXPECT_EQ(call->model_version + call->id, "3a-1");
    EXPECT_EQ(call->priority, 2);
    EXPECT_THAT(call->outputs, ElementsAre("y"));
  }
}

TEST(InferMessageTest, ReadsOneByteChunks) {
  const std::string bytes = WholeRequest().SerializeAsString();
  std::vector<Chunk> chunks;
  for (const char& byte : bytes) chunks.push_back({&byte, 1});
  const absl::StatusOr<InferCall> call = DecodeInferCall(chunks, nullptr, {});
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(BytesOf(call->inputs[1].tensor), Framing({"ab", "cde"}));
}

TEST(InferMessageTest, RefusesWhatProtobufRefusesOfEveryPrefix) {
  const std::string bytes = WholeRequest().SerializeAsString();
  size_t num_refused = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    if (!IsAccepted(bytes.substr(0, size))) ++num_refused;
  }
  EXPECT_GT(num_refused, bytes.size() / 2);
}

TEST(InferMessageTest, TakesFieldsInAnyOrderTheLastScalarAndAllRepeated) {
  const std::string raw_first = std::string("\x3A\x02") + "ab";
  Message first = RequestFor("x", "UINT8", {2});
  Message second = RequestFor("y", "UINT8", {1});
  second.set_model_name("last");
  const std::string bytes = raw_first + first.SerializeAsString() +
                            std::string("\x3A\x01") + "c" +
                            second.SerializeAsString();

  const absl::StatusOr<InferCall> call = DecodedBytes(bytes);

  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->model_name, "last");
  ASSERT_EQ(call->inputs.size(), 2U);
  EXPECT_EQ(BytesOf(call->inputs[0].tensor), "ab");
  EXPECT_EQ(BytesOf(call->inputs[1].tensor), "c");
}

TEST(InferMessageTest, PassesOverUnknownFieldsOfEveryType) {
  const std::string group = std::string("\x7B\x3A\x01") + "z" + "\x7C";
  const std::vector<std::string> fields = {
      "\x78\x96\x01",                              // number
      "\x78" + std::string(9, '\xFF') + "\x01",    // the longest number
      std::string("\x79") + "12345678",            // eight bytes
      std::string("\x7A\x02") + "ab",              // bytes
      std::string("\x7D") + "1234",                // four bytes
      group,                                       // with a field 7 of its own
      "\x7B\x7B\x7C\x7C",                          // a group in a group
      "\x38\x01",                                  // field 7, but a number
      std::string("\x92\x80\x80\x80\x00\x00", 6),  // a tag longer than needed
  };
  const std::string known = WholeRequest().SerializeAsString();
  for (const std::string& field : fields) {
    EXPECT_TRUE(IsAccepted(field + known)) << testing::PrintToString(field);
    EXPECT_TRUE(DecodedBytes(known + field).ok());
    EXPECT_EQ(Read(field + known)->raw.size(), 2U);
  }
}

TEST(InferMessageTest, RefusesWhatIsNoFieldAsProtobufDoes) {
  const std::string zeros(4, '\x80');
  const std::vector<std::string> faults = {
      "\x7B\x84\x01",                              // the end of another group
      "\x3A" + zeros + std::string("\x80\0", 2),   // a length of six bytes
      "\xBA" + zeros + std::string("\0\x01z", 3),  // a tag of six bytes
      "\x3A\xFF\xFF\xFF\xFF\x0F",                  // a length past the end
      std::string("\x3A\x02") + "a",               // likewise
      std::string(101, '\x7B') + std::string(101, '\x7C'),  // too deep
      "\x2A\x02\x0A\x05",  // malformed within an input
  };
  for (const std::string& fault : faults) {
    EXPECT_FALSE(IsAccepted(fault)) << testing::PrintToString(fault);
    EXPECT_EQ(Why(DecodedBytes(fault)),
              "the message is no well-formed ModelInferRequest");
  }
}

TEST(InferMessageTest, RefusesTextThatIsNotUtf8) {
  for (const std::string field :
       {"\x0A\x01\xFF", "\x2A\x03\x0A\x01\xFF", "\x32\x03\x0A\x01\xC0"}) {
    EXPECT_FALSE(IsAccepted(field)) << testing::PrintToString(field);
  }
}

}  // namespace
}  // namespace weir
