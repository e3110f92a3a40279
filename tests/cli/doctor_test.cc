#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class DoctorTest : public testing::Test {
 protected:
  // `weir doctor` with the fake module, and no variable but these.
  CommandResult Run(const std::string& arguments,
                    const std::string& variables = "",
                    const std::string& more_config = "") const {
    const std::string config = folder_.Write(
        "weir.yaml", "backend: {module: " WEIR_FAKE_MODULE
                     "}\nlisten: {grpc: ['localhost:0'], http: []}\n" +
                         more_config);
    return RunCommand("env -i " + variables +
                      " " WEIR_PROGRAM " doctor --config " + config + " " +
                      arguments);
  }
  // A folder with one model whose script has these options.
  std::string Models(const std::string& options) const {
    folder_.Write("models/unet/model.yaml",
                  "inputs: [{name: x, datatype: FP32, shape: [-1, 4]}]\n"
                  "backend_options: {" +
                      options + "}\n");
    return "--models " + folder_.path() + "/models ";
  }

  const TemporaryFolder folder_;
};

TEST_F(DoctorTest, FindsNothingWrongWhereAllIsWell) {
  const CommandResult result = Run(Models("compute: affine"));
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("ok       weir           0.1.0, headers "),
                    HasSubstr("\nok       localhost:0    free\n"),
                    HasSubstr("\nok       backend        a scripted backend"),
                    HasSubstr("\nok       fake:0 runs    unet answered alike "),
                    HasSubstr("\n0 problems, ")));
}

TEST_F(DoctorTest, TellsOfAChildThatCrashes) {
  const CommandResult result = Run(Models("overlap: aborts, delay: 5ms"), "",
                                   "devices: [{device: 'fake:0', slots: 2}]\n");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("\nproblem  fake:0 runs    "),
                    HasSubstr("the child was killed by SIGABRT"),
                    HasSubstr("-> set devices[].slots of fake:0 to 1; ")));
}

TEST_F(DoctorTest, TellsEveryProblemOfTheConfiguration) {
  const CommandResult result =
      Run(Models("compute: affine"), "", "qeue: 1\ndrain: {grace: 5}\n");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("\nproblem  configuration  "),
                    HasSubstr("weir.yaml:3:1: qeue: unknown key"),
                    HasSubstr("weir.yaml:4:16: drain.grace: ")));
}

TEST_F(DoctorTest, TellsOfAModelThatIsWrong) {
  folder_.Write("models/bad/model.yaml", "wieght: 1\n");
  const CommandResult result = Run(Models("compute: affine"));
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, AllOf(HasSubstr("\nproblem  models         "),
                                   HasSubstr("wieght: unknown key"),
                                   HasSubstr("unet answered alike")));
}

// The backend says whether its models are files, not the module's name.
TEST_F(DoctorTest, AsksTheBackendWhatAModelIs) {
  std::filesystem::create_symlink(WEIR_FAKE_MODULE,
                                  folder_.path() + "/libmine.so");
  const CommandResult result =
      Run(Models("compute: affine"),
          "WEIR_BACKEND_MODULE=" + folder_.path() + "/libmine.so");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("\nok       models         1 in "),
                                   HasSubstr("unet answered alike")));
}

TEST_F(DoctorTest, TellsOfADeviceThatIsNotThere) {
  const CommandResult result =
      Run(Models("compute: affine"), "", "devices: [{device: mps}]\n");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("\nproblem  mps            mps: "
                                       "self-test: no such device: mps"));
}

TEST_F(DoctorTest, TellsOfAModuleThatIsNotThere) {
  const CommandResult result =
      Run(Models("compute: affine"), "WEIR_BACKEND_MODULE=/nonexistent/m.so");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("\nproblem  module         no such "
                                       "backend module: /nonexistent/m.so\n"));
}

TEST_F(DoctorTest, ShowsNoValueThatLibrariesDoNotRead) {
  const CommandResult result =
      Run(Models("compute: affine"),
          "API_TOKEN=hush1 WEIR_LOG_LEVEL=debug OMP_NUM_THREADS=3");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output,
              AllOf(Not(HasSubstr("hush1")), Not(HasSubstr("debug")),
                    HasSubstr("WEIR_LOG_LEVEL"),
                    HasSubstr("\nwarning  environment    found "
                              "OMP_NUM_THREADS=3 in the environment\n")));
}

TEST_F(DoctorTest, TellsAllInOneObject) {
  const CommandResult result = Run(Models("compute: affine") + "--json");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("{\"ok\": true, \"findings\": [{"));
}

}  // namespace
}  // namespace weir
