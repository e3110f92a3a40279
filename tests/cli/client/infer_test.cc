// `weir infer` as people run it, against a real server.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/rpc/rpc_rig.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class InferTest : public testing::Test {
 protected:
  InferTest() {
    Load("double", {.compute = FakeCompute::kAffine, .scale = 2}, "FP32");
  }
  void Load(const std::string& name, const FakeScript& script,
            const std::string& datatype) {
    rig_.backend.Script(name, script);
    rig_.pipeline.Load(
        {.name = name,
         .version = 3,
         .config = {
             .inputs = {{.name = "x", .datatype = datatype, .shape = {-1, 2}}},
             .outputs = {
                 {.name = "y", .datatype = datatype, .shape = {-1, 2}}}}});
  }
  CommandResult Run(const std::string& arguments) {
    return RunCommand(WEIR_PROGRAM " infer --address " +
                      rig_.server->addresses()[0] + " " + arguments);
  }
  RpcRig rig_;
};

TEST_F(InferTest, PrintsWhatTheModelMakesOfAnArray) {
  const CommandResult result = Run("double --input 'x=[[1, 2.5], [3, -4]]'");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output,
              MatchesRegex("double version 3, in [0-9.]+ m?s\n"
                           "output  datatype  shape  values\n"
                           "y       FP32      \\[2,2\\]  2 5 6 -8\n"));
}

TEST_F(InferTest, PrintsOneObject) {
  const CommandResult result = Run("double --input 'x=[[1, 2]]' --json");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("{\"model\": \"double\", \"version\": \"3\""),
                    HasSubstr("\"shape\": [1, 2], \"data\": [2, 4]}]}\n")));
}

TEST_F(InferTest, FillsAnInputThatIsLeftOut) {
  const CommandResult result = Run("double");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("weir: input \"x\" is left out: filled "
                                       "at random, FP32 [1,2]\n"));
}

TEST_F(InferTest, SendsAFileThatNumpySaved) {
  Load("bits", {}, "BF16");
  const TemporaryFolder folder;
  std::string file = "\x93NUMPY";
  file += std::string("\1\0\x3a\0", 4) +
          "{'descr': '<u2', 'fortran_order': False, 'shape': (1, 2)} " +
          "\x80\x3f" + std::string("\0\x40", 2);
  const std::string path = folder.Write("x.npy", file);
  const CommandResult result = Run("bits --input x=" + path);
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("BF16      [1,2]  1 2\n"));
}

TEST_F(InferTest, AsksForTheVersionAndTheOutputs) {
  EXPECT_EQ(Run("double --model-version 3 --output y").status, 0);
  EXPECT_EQ(Run("double --output z").status, 1);
  const CommandResult other = Run("double --model-version 4");
  EXPECT_EQ(other.status, 1);
  EXPECT_THAT(other.output,
              HasSubstr("serves no model \"double\" of version 4"));
}

TEST_F(InferTest, EndsWith1WhereTheServerSaysNo) {
  Load("broken", {.fails = {.every = 1}}, "FP32");
  const CommandResult unknown = Run("nobody");
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.output, HasSubstr("serves no model \"nobody\""));
  const CommandResult broken = Run("broken");
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.output, HasSubstr(" answered INTERNAL: "));
  const CommandResult json = Run("nobody --json");
  EXPECT_EQ(json.status, 1);
  EXPECT_THAT(json.output, AllOf(HasSubstr("{\"error\": \"127.0.0.1:"),
                                 HasSubstr("\"code\": \"NOT_FOUND\"}\n")));
}

TEST_F(InferTest, EndsWith1WhereNobodyIsThere) {
  rig_.server->Stop();
  const CommandResult result = Run("double");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("weir: nothing answers at " +
                                       rig_.server->addresses()[0] +
                                       "; start one with 'weir serve'"));
}

TEST_F(InferTest, EndsWith1WhereTheAnswerIsLate) {
  Load("held", {.gate = "hold"}, "FP32");
  const CommandResult result = Run("held --timeout 1s");
  rig_.backend.Gate("hold").Open();
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("allow more with --timeout"));
}

TEST_F(InferTest, EndsWith2WhereTheArgumentsAreWrong) {
  const struct {
    const char* arguments;
    const char* sentence;
  } cases[] = {
      {"", "model is required"},
      {"double --input x", "--input: has no name"},
      {"double --input x=random:2,3", "takes FP32 [-1,2], this is FP32 [2,3]"},
      {"double --input z=1", "has no such input; it takes x: FP32 [-1,2]"},
      {"double --timeout 5", "--timeout: "},
      {"double --nonsense", "see weir infer --help"}};
  for (const auto& [arguments, sentence] : cases) {
    const CommandResult result = Run(arguments);
    EXPECT_EQ(result.status, 2) << arguments;
    EXPECT_THAT(result.output, HasSubstr(sentence));
  }
}

}  // namespace
}  // namespace weir
