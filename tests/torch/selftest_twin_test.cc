// `weir selftest` on libtorch over a device that bears several runs at once, or
// that does not: real processes, real models, the twin in all its moods.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// `weir selftest` on the twin so dressed, with two models and these arguments.
CommandResult SelfTest(const std::string& twin, const std::string& arguments) {
  return RunCommand("LIBWEIR_TWIN=" + twin + " " + WEIR_PROGRAM +
                    " selftest --module " WEIR_TWIN_MODULE
                    " --rounds 3 --model " WEIR_TORCH_MODELS
                    "/mlp.pt --model " WEIR_TORCH_MODELS "/transformer.pt " +
                    arguments);
}

TEST(SelftestTwinTest, KeepsTheSlotsOfADeviceThatBearsThem) {
  const CommandResult result =
      SelfTest("streams=wrap32", "--device twin:0 --slots 4");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("device   twin:0\n"),
                    HasSubstr("models   tested: mlp, transformer\n"),
                    HasSubstr("    4    ok\n"),
                    HasSubstr("verdict  keeps its 4 slots\n")));
}

TEST(SelftestTwinTest, FallsBackWhereAnAnswerIsWrong) {
  const CommandResult result =
      SelfTest("streams=wrap32,fault=corrupt", "--slots 4");
  EXPECT_EQ(result.status, 1) << result.output;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("    2    FAILED: model \""),
                    HasSubstr("answered otherwise than alone: output \""),
                    HasSubstr("verdict  FALLS BACK to 1 slot\n")));
}

TEST(SelftestTwinTest, FallsBackWhereTheProcessDies) {
  const CommandResult result =
      SelfTest("streams=wrap32,fault=abort", "--slots 4");
  EXPECT_EQ(result.status, 1) << result.output;
  EXPECT_THAT(
      result.output,
      AllOf(HasSubstr("    2    FAILED: the child was killed by SIGABRT"),
            HasSubstr("verdict  FALLS BACK to 1 slot\n")));
}

TEST(SelftestTwinTest, FallsBackWhereARunHangs) {
  const CommandResult result =
      SelfTest("streams=wrap32,fault=hang", "--slots 4 --timeout 2s");
  EXPECT_EQ(result.status, 1) << result.output;
  EXPECT_THAT(
      result.output,
      AllOf(HasSubstr("    2    FAILED: the child gave no answer for 2s"),
            HasSubstr("verdict  FALLS BACK to 1 slot\n")));
}

// R03: the streams that were found before the next one did not come.
TEST(SelftestTwinTest, CountsTheStreamsOfAProbeThatBlocks) {
  const CommandResult result =
      SelfTest("streams=block31", "--slots 33 --timeout 2s");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("the probe gave no answer for 2s after 31 slots"),
                    HasSubstr("verdict  keeps its 31 slots\n")));
}

TEST(SelftestTwinTest, HasOneSlotWhereOnlyTheDeviceCanBeWaitedFor) {
  const CommandResult result =
      SelfTest("streams=wrap32,events=throws", "--slots 4");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("waits for the whole device"),
                                   HasSubstr("verdict  keeps its 1 slot\n")));
}

TEST(SelftestTwinTest, RunsOnTheCpu) {
  const CommandResult result = SelfTest("", "--device cpu --slots 2");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("verdict  keeps its 2 slots\n"));
}

// `weir demo --once` on the twin so dressed, with the models that lie in here.
CommandResult Serve(const std::string& twin) {
  return RunCommand(
      "WEIR_DEVICES='[{device: twin:0, slots: 3}]' "
      "WEIR_BACKEND_MODULE=" WEIR_TWIN_MODULE " LIBWEIR_TWIN=" +
      twin + " " + WEIR_PROGRAM +
      " demo --once --grpc localhost:0 --http localhost:0 "
      "--models " WEIR_DEMO_MODELS);
}

TEST(SelftestTwinTest, GivesTheDaemonTheSlotsThatADeviceBears) {
  const CommandResult result = Serve("streams=wrap32");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr(" slots=twin:0:3 "));
}

TEST(SelftestTwinTest, KeepsTheDaemonFromSlotsThatADeviceDoesNotBear) {
  const CommandResult result = Serve("streams=wrap32,fault=corrupt");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr(" slots=twin:0:1 "),
                                   HasSubstr("gets 1 of 3 slots")));
}

// Whether a model is a file is the backend's to say.
TEST(DoctorTwinTest, MissesTheFileOfAModel) {
  const TemporaryFolder folder;
  folder.Write("unet/model.yaml", "weight: 1\n");
  const CommandResult result =
      RunCommand("WEIR_BACKEND_MODULE=" WEIR_TWIN_MODULE " " WEIR_PROGRAM
                 " doctor --models " +
                 folder.path());
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("\nproblem  models "));
  EXPECT_THAT(result.output, HasSubstr("put the model's file at"));
  EXPECT_THAT(result.output,
              HasSubstr("unet was not run: model \"unet\": has no file"));
}

}  // namespace
}  // namespace weir
