// What a request is refused for, and the sentence that it is told.
#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/wire/infer_call.h"
#include "tests/rpc/wire/wire_rig.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Message = inference::ModelInferRequest;

struct RefusalCase {
  const char* name;
  std::function<void(Message&)> change;  // of a good request
  std::string why;
};

void PrintTo(const RefusalCase& refusal, std::ostream* out) {
  *out << refusal.name;
}

// An INT32 [2] input "x" in contents, and a requested output "y".
Message GoodTyped() {
  Message request = RequestFor("x", "INT32", {2});
  request.mutable_inputs(0)->mutable_contents()->add_int_contents(1);
  request.mutable_inputs(0)->mutable_contents()->add_int_contents(2);
  request.add_outputs()->set_name("y");
  return request;
}

std::function<void(Message&)> WithShape(const std::string& datatype,
                                        const std::vector<int64_t>& shape) {
  return [=](Message& m) {
    m.mutable_inputs(0)->set_datatype(datatype);
    m.mutable_inputs(0)->clear_shape();
    for (const int64_t dimension : shape)
      m.mutable_inputs(0)->add_shape(dimension);
  };
}

std::function<void(Message&)> WithRaw(const std::string& datatype,
                                      const std::vector<int64_t>& shape,
                                      const std::string& bytes) {
  return [=](Message& m) {
    WithShape(datatype, shape)(m);
    m.mutable_inputs(0)->clear_contents();
    m.add_raw_input_contents(bytes);
  };
}

std::function<void(Message&)> WithParameter(const std::string& name,
                                            int64_t value) {
  return [=](Message& m) {
    (*m.mutable_parameters())[name].set_int64_param(value);
  };
}

const std::vector<RefusalCase>& ShapeCases() {
  static const auto& cases = *new std::vector<RefusalCase>{
      {"Negative", WithShape("FP32", {-1}),
       R"(input "x": expected dimensions of 0 to 2147483647, got -1)"},
      {"TooLong", WithShape("FP32", {0, int64_t{1} << 31}),
       R"(input "x": expected dimensions of 0 to 2147483647, got 2147483648)"},
      {"Longest", WithShape("FP32", {INT64_MAX}),
       R"(input "x": expected dimensions of 0 to 2147483647, got 9223372036854775807)"},
      {"Overflow", WithShape("FP64", {2147483647, 2147483647, 2}),
       R"(input "x": expected a size that fits 63 bits, got FP64 [2147483647,2147483647,2])"},
      {"OverflowOfElements", WithShape("BYTES", {2147483647, 2147483647, 4}),
       R"(input "x": expected a size that fits 63 bits, got BYTES [2147483647,2147483647,4])"},
      {"Rank", WithShape("FP32", std::vector<int64_t>(17, 1)),
       R"(input "x": expected at most 16 dimensions, got 17)"},
      {"HugeRank", WithShape("FP32", std::vector<int64_t>(1000000, 1)),
       R"(input "x": expected at most 16 dimensions, got 1000000)"},
      {"Claims", WithShape("INT32", {2147483647, 1000}),
       R"(input "x": expected 2147483647000 elements for INT32 [2147483647,1000], got 2 in int_contents)"},
      {"RawClaims", WithRaw("FP32", {2147483647, 1000}, "1234"),
       R"(input "x": expected 8589934588000 bytes for FP32 [2147483647,1000], got 4)"},
      {"Datatype", WithShape("FLOAT", {2}),
       R"(input "x": expected a datatype such as FP32, got "FLOAT")"},
  };
  return cases;
}

const std::vector<RefusalCase>& DataCases() {
  static const auto& cases = *new std::vector<RefusalCase>{
      {"Short", WithRaw("FP32", {2}, "1234567"),
       R"(input "x": expected 8 bytes for FP32 [2], got 7)"},
      {"Long", WithRaw("FP32", {2}, "123456789"),
       R"(input "x": expected 8 bytes for FP32 [2], got 9)"},
      {"Bool", WithRaw("BOOL", {2}, std::string("\1\2")),
       R"(input "x": expected bytes of 0 or 1 for BOOL, got 2)"},
      {"FewStrings", WithRaw("BYTES", {3}, Framing({"a", "b"})),
       R"(input "x": expected 3 elements for BYTES [3], got 2)"},
      {"LongString", WithRaw("BYTES", {2}, Framing({"a"}) + "\xFF\xFF\xFF\xFF"),
       R"(input "x": expected a 4-byte length and as many bytes for each element of BYTES, got data that ends within element 1)"},
      {"Mixed", [](Message& m) { m.add_raw_input_contents("12345678"); },
       R"(input "x": expected no contents beside raw_input_contents)"},
      {"RawCount",
       [](Message& m) {
         m.add_raw_input_contents("1");
         m.add_raw_input_contents("2");
       },
       "expected one of raw_input_contents for each of 1 inputs, got 2"},
      {"OtherField", WithShape("FP32", {2}),
       R"(input "x": expected FP32 in fp32_contents, got int_contents)"},
      {"TwoFields",
       [](Message& m) {
         m.mutable_inputs(0)->mutable_contents()->add_bytes_contents("");
       },
       R"(input "x": expected INT32 in int_contents, got bytes_contents)"},
      {"Int8",
       [](Message& m) {
         m.mutable_inputs(0)->set_datatype("INT8");
         m.mutable_inputs(0)->mutable_contents()->set_int_contents(1, -129);
       },
       R"(input "x": expected elements that fit INT8, got -129)"},
      {"Uint16",
       [](Message& m) {
         WithShape("UINT16", {1})(m);
         m.mutable_inputs(0)->clear_contents();
         m.mutable_inputs(0)->mutable_contents()->add_uint_contents(65536);
       },
       R"(input "x": expected elements that fit UINT16, got 65536)"},
  };
  return cases;
}

const std::vector<RefusalCase>& NameCases() {
  static const auto& cases = *new std::vector<RefusalCase>{
      {"InputTwice", [](Message& m) { *m.add_inputs() = m.inputs(0); },
       R"(input "x" is given twice)"},
      {"OutputTwice", [](Message& m) { m.add_outputs()->set_name("y"); },
       R"(output "y" is given twice)"},
      {"NoName", [](Message& m) { m.mutable_inputs(0)->clear_name(); },
       R"(input "": expected a name of 1 to 256 bytes, got 0)"},
      {"LongOutput",
       [](Message& m) {
         m.mutable_outputs(0)->set_name(std::string(257, 'y'));
       },
       "output \"" + std::string(64, 'y') +
           "...\": expected a name of 1 to 256 bytes, got 257"},
      {"LongModel", [](Message& m) { m.set_model_name(std::string(257, 'm')); },
       "model_name: expected at most 256 bytes, got 257"},
      {"LongVersion",
       [](Message& m) { m.set_model_version(std::string(257, '1')); },
       "model_version: expected at most 256 bytes, got 257"},
      {"LongId", [](Message& m) { m.set_id(std::string(1025, 'i')); },
       "id: expected at most 1024 bytes, got 1025"},
      {"Unknown", WithParameter("sequence_id", 7),
       R"(parameter "sequence_id" is not supported)"},
      {"Priority", WithParameter("priority", 10),
       R"(parameter "priority": expected a whole number of 0 to 9)"},
      {"Timeout", WithParameter("timeout", -1),
       R"(parameter "timeout": expected a whole number of 0 to 9223372036854775807)"},
      {"TimeoutText",
       [](Message& m) {
         (*m.mutable_parameters())["timeout"].set_string_param("1s");
       },
       R"(parameter "timeout": expected a whole number of 0 to 9223372036854775807)"},
      {"SharedMemory",
       [](Message& m) {
         auto& parameters = *m.mutable_inputs(0)->mutable_parameters();
         parameters["shared_memory_region"].set_string_param("r");
         parameters["shared_memory_byte_size"].set_int64_param(8);
       },
       R"(input "x": parameter "shared_memory_byte_size" is not supported)"},
      {"BesideKserves",
       [](Message& m) {
         auto& parameters = *m.mutable_inputs(0)->mutable_parameters();
         parameters["binary_data_size"].set_int64_param(8);
         parameters["shared_memory_region"].set_string_param("r");
       },
       R"(input "x": parameter "shared_memory_region" is not supported)"},
      {"SizeOfOutput",
       [](Message& m) {
         auto& parameters = *m.mutable_outputs(0)->mutable_parameters();
         parameters["binary_data_size"].set_int64_param(8);
       },
       R"(output "y": parameter "binary_data_size" is not supported)"},
      {"Nameless",
       [](Message& m) {
         (*m.mutable_outputs(0)->mutable_parameters())[""].set_bool_param(true);
       },
       R"(output "y": parameter "" is not supported)"},
      {"Classification",
       [](Message& m) {
         auto& parameters = *m.mutable_outputs(0)->mutable_parameters();
         parameters["classification"].set_int64_param(3);
       },
       R"(output "y": parameter "classification" is not supported)"},
  };
  return cases;
}

class RefusalTest : public testing::TestWithParam<RefusalCase> {};

// SEC-08, SEC-09, SEC-12: no memory is taken for a shape that the data does not
// fill, and a sentence holds nothing but what a client may know.
TEST_P(RefusalTest, SaysWhatIsWrong) {
  Message request = GoodTyped();
  ASSERT_TRUE(Decoded(request).ok());
  GetParam().change(request);
  EXPECT_EQ(Why(Decoded(request)), GetParam().why);
}

std::string CaseName(const testing::TestParamInfo<RefusalCase>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(Shapes, RefusalTest, testing::ValuesIn(ShapeCases()),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Data, RefusalTest, testing::ValuesIn(DataCases()),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Names, RefusalTest, testing::ValuesIn(NameCases()),
                         CaseName);

// SEC-09: counted before protobuf makes objects of them.
TEST(InferBoundsTest, RefusesOneMoreThanMayBe) {
  const std::string input("\x2A\0", 2), output("\x32\0", 2),
      parameter("\x22\0", 2), raw("\x3A\0", 2), unknown("\x7A\0", 2);
  const auto why = [](const std::string& field, int times) {
    std::string bytes;
    for (int i = 0; i < times; ++i) bytes += field;
    return Why(DecodedBytes(bytes));
  };
  EXPECT_EQ(why(input, 257), "expected at most 256 inputs, got more");
  EXPECT_THAT(why(input, 256), HasSubstr("given twice"));
  EXPECT_EQ(why(output, 257),
            "expected at most 256 requested outputs, got more");
  EXPECT_THAT(why(output, 256), HasSubstr("expected a name"));
  EXPECT_EQ(why(parameter, 65), "expected at most 64 parameters, got more");
  EXPECT_THAT(why(parameter, 64), HasSubstr("not supported"));
  EXPECT_EQ(why(raw, 257), "expected at most 256 raw_input_contents, got more");
  EXPECT_THAT(why(raw, 256), HasSubstr("each of 0 inputs"));
  EXPECT_EQ(why(unknown, 524289),
            "expected at most 1048576 bytes of names, shapes and parameters, "
            "got more");
}

// SEC-09
TEST(InferBoundsTest, BoundsEmptyStringsAndUnknownFieldsInContents) {
  Message request = RequestFor("x", "BYTES", {1 << 20});
  inference::InferTensorContents& contents =
      *request.mutable_inputs(0)->mutable_contents();
  for (int i = 0; i < 1 << 20; ++i) contents.add_bytes_contents("");
  EXPECT_TRUE(Decoded(request).ok());
  contents.add_bytes_contents("");
  EXPECT_EQ(Why(Decoded(request)),
            "expected at most 1048576 elements in bytes_contents, got more");
  contents.Clear();
  inference::InferTensorContents::GetReflection()
      ->MutableUnknownFields(&contents)
      ->AddLengthDelimited(9, std::string(1 << 20, 'u'));
  EXPECT_THAT(Why(Decoded(request)), HasSubstr("bytes of names"));
}

TEST(InferBoundsTest, TakesItsBoundsFromTheLimits) {
  Message request = RequestFor("x", "UINT8", {1, 1});
  request.add_raw_input_contents("1");
  LimitsConfig limits;
  limits.rank_max = 1;
  EXPECT_EQ(Why(Decoded(request, limits)),
            R"(input "x": expected at most 1 dimensions, got 2)");
  limits.inputs_max = 1;
  request.add_inputs();
  EXPECT_EQ(Why(Decoded(request, limits)),
            "expected at most 1 inputs, got more");
}

// Nothing of a client's that is long, or could steer a terminal or a log.
TEST(InferBoundsTest, EscapesAndCutsWhatAClientSent) {
  Message request = GoodTyped();
  request.mutable_inputs(0)->set_name("\x1B[2J\r\n\"" + std::string(200, 'x'));
  request.mutable_inputs(0)->set_datatype(std::string(1 << 19, '\n'));
  const std::string why = Why(Decoded(request));
  EXPECT_LT(why.size(), 2 * 256 + 100U);
  EXPECT_THAT(why, Not(HasSubstr("\n")));
  EXPECT_THAT(why, HasSubstr(R"(input "\x1b[2J\r\n\"xxx)"));
}

}  // namespace
}  // namespace weir
