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

constexpr char kInputs[] =
    "inputs: [{name: x, datatype: FP32, shape: [-1, 4]}]\n";

class SelftestTest : public testing::Test {
 protected:
  // `weir selftest` with the fake module and these arguments.
  static CommandResult Run(const std::string& arguments,
                           const std::string& variables = "") {
    return RunCommand(variables +
                      " " WEIR_PROGRAM " selftest --module " WEIR_FAKE_MODULE
                      " " +
                      arguments);
  }
  std::string Model(const std::string& name, const std::string& options) {
    return folder_.Write(name + ".yaml",
                         kInputs + ("backend_options: {" + options + "}\n"));
  }

  TemporaryFolder folder_;
};

TEST_F(SelftestTest, TellsThatTheDeviceKeepsItsSlots) {
  const std::string good = Model("good", "compute: affine");
  const CommandResult result = Run("--slots 3 --rounds 2 --model " + good);
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.output,
            "device   fake:0\n"
            "probe    3 slots of 3 asked for: as configured\n"
            "models   tested: good\n"
            "\n"
            "slots    at once\n"
            "    2    ok\n"
            "    3    ok\n"
            "\n"
            "verdict  keeps its 3 slots\n");
}

TEST_F(SelftestTest, TellsThatTheDeviceFallsBackAndWhy) {
  const std::string bad = Model("bad", "overlap: aborts, delay: 5ms");
  const CommandResult result = Run("--slots 3 --model " + bad);
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("    2    FAILED: the child was killed by "
                              "SIGABRT\n"),
                    HasSubstr("verdict  FALLS BACK to 1 slot\n"),
                    HasSubstr("it printed: fake: scripted: 2 runs at once")));
}

TEST_F(SelftestTest, KillsAChildThatHangs) {
  const std::string bad = Model("bad", "overlap: hangs, delay: 5ms");
  const CommandResult result = Run("--slots 2 --timeout 500ms --model " + bad);
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("gave no answer for 500ms"));
}

TEST_F(SelftestTest, TellsWhichModelItCouldNotTest) {
  const std::string good = Model("good", "compute: affine");
  const std::string any = folder_.Write("any.yaml", "weight: 1\n");
  const CommandResult result =
      Run("--slots 2 --model " + good + " --model " + any);
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output,
              HasSubstr("         not tested: any: it declares no inputs\n"));
}

TEST_F(SelftestTest, FallsBackWithoutAModel) {
  const CommandResult result = Run("--slots 2");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output, HasSubstr("no model could be run"));
}

TEST_F(SelftestTest, TakesAModelsFileWithItsYamlBesideIt) {
  Model("m", "compute: affine");
  const std::string file = folder_.Write("m.pt", "weights");
  const CommandResult result = Run("--slots 2 --model " + file);
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("tested: m\n"));
}

TEST_F(SelftestTest, TakesAModelOfAFolderOfModels) {
  folder_.Write("unet/model.yaml",
                std::string(kInputs) + "backend_options: {compute: affine}\n");
  const std::string file = folder_.Write("unet/3/model.pt", "weights");
  EXPECT_THAT(Run("--slots 2 --rounds 1 --model " + file).output,
              HasSubstr("tested: unet\n"));
  EXPECT_THAT(
      Run("--slots 2 --rounds 1 --model " + folder_.path() + "/unet/model.yaml")
          .output,
      HasSubstr("tested: unet\n"));
}

TEST_F(SelftestTest, TellsAllInOneObject) {
  const std::string good = Model("good", "compute: affine");
  const CommandResult result =
      Run("--slots 2 --json --model " + good, "env -i OMP_X='\"'");
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(
      result.output,
      "{\"device\": \"fake:0\", \"slots\": 2, \"slots_asked\": 2, "
      "\"slots_probed\": 2, \"keeps_slots\": true, \"cause\": \"as "
      "configured\", \"counts\": [{\"slots\": 2, \"clean\": true, \"what\": "
      "\"\"}], \"tested\": [\"good\"], \"untested\": [], \"evidence\": [], "
      "\"warnings\": [\"found OMP_X=\\\\\\\" in the environment\"]}\n");
}

TEST_F(SelftestTest, TellsAnErrorInOneObject) {
  const CommandResult result = Run("--slots 2 --json --device mps");
  EXPECT_EQ(result.status, 1);
  EXPECT_THAT(result.output,
              HasSubstr("{\"error\": \"mps: self-test: no such device: mps; "
                        "the backend has: fake:0, fake:1\""));
}

TEST_F(SelftestTest, TakesWhatTheConfigurationSays) {
  const std::string config = folder_.Write(
      "weir.yaml", "backend: {module: " WEIR_FAKE_MODULE
                   ", environment: {LIBWEIR_FAKE: num_streams=2}}\n"
                   "devices: [{device: fake:1, slots: 4}]\n");
  const std::string good = Model("good", "compute: affine");
  const CommandResult result = RunCommand(WEIR_PROGRAM " selftest --config " +
                                          config + " --model " + good);
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("device   fake:1\n"),
                    HasSubstr("probe    2 slots of 4 asked for: fake:1 has 2 "
                              "distinct streams")));
}

TEST_F(SelftestTest, WarnsOfVariablesThatLibrariesRead) {
  const CommandResult result = Run("--slots 1", "OMP_NUM_THREADS=3");
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("weir: warning: found "
                                       "OMP_NUM_THREADS=3 in the environment"));
}

TEST_F(SelftestTest, AsksWhichOfSeveralDevices) {
  const std::string config = folder_.Write(
      "weir.yaml", "devices: [{device: fake:0}, {device: fake:1}]\n");
  const CommandResult result = Run("--config " + config);
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.output, HasSubstr("name one with --device"));
}

TEST_F(SelftestTest, HidesTheChildFromPeople) {
  EXPECT_THAT(Run("--help").output, Not(HasSubstr("--child")));
  const CommandResult result = Run("--child", "exec 3>&-;");
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.output, HasSubstr("--child is for weir itself"));
}

// Arguments that are refused, and what is said.
struct Refused {
  const char* arguments;
  const char* sentence;
};

class SelftestRefusedTest : public SelftestTest,
                            public testing::WithParamInterface<Refused> {};

// R47
TEST_P(SelftestRefusedTest, WithASentence) {
  const CommandResult result = Run(GetParam().arguments);
  EXPECT_EQ(result.status, 2) << result.output;
  EXPECT_THAT(result.output, HasSubstr(GetParam().sentence));
}

INSTANTIATE_TEST_SUITE_P(
    Arguments, SelftestRefusedTest,
    testing::Values(
        Refused{"--slots abc",
                "weir: --slots: not a whole number; got "
                "\"abc\"; allowed: auto, or 1 to 1024\n"},
        Refused{"--slots ''", "--slots: may not be empty"},
        Refused{"--slots 0", "--slots: out of bounds"},
        Refused{"--slots -1", "--slots: out of bounds"},
        Refused{"--slots 1e9", "--slots: not a whole number"},
        Refused{"--slots 99999999999999999999", "--slots: "},
        Refused{"--slots", "--slots"},
        Refused{"--rounds 0", "allowed: 1 to 1000"},
        Refused{"--timeout 10", "--timeout: "},
        Refused{"--timeout 0ms", "--timeout: out of bounds"},
        Refused{"--device Mps!", "--device: not a device"},
        Refused{"--model /nonexistent/m.pt",
                "--model: cannot read /nonexistent/m.pt; give the path"},
        Refused{"--model unet", "cannot read unet; give the path"},
        Refused{"--config /nonexistent/weir.yaml", "/nonexistent/weir.yaml"},
        Refused{"--nonsense", "see weir selftest --help"},
        Refused{"extra", "extra: one word too many; see weir selftest"}));

TEST_F(SelftestTest, RefusesAModuleThatIsNotThere) {
  const CommandResult absent =
      RunCommand(WEIR_PROGRAM " selftest --module /nonexistent/m.so");
  EXPECT_EQ(absent.status, 2);
  EXPECT_EQ(absent.output, "weir: no such backend module: /nonexistent/m.so\n");
  const CommandResult bare =
      RunCommand(WEIR_PROGRAM " selftest --module libweir_absent.so");
  EXPECT_EQ(bare.status, 2);
  EXPECT_THAT(bare.output,
              HasSubstr("no backend module \"libweir_absent.so\""));
}

TEST_F(SelftestTest, RefusesModelsOfOneName) {
  const std::string a = Model("m", "compute: affine");
  const std::string b = folder_.Write("other/m.yaml", kInputs);
  const CommandResult result = Run("--model " + a + " --model " + b);
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.output, HasSubstr("two models are named m"));
}

TEST_F(SelftestTest, RefusesAModelWhoseYamlIsWrong) {
  const std::string wrong = folder_.Write("m.yaml", "wieght: 1\n");
  const CommandResult result = Run("--model " + wrong);
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.output, HasSubstr("unknown key"));
}

}  // namespace
}  // namespace weir
