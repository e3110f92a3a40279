// `weir bench` as people run it, against a real server.
#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/thread.h"
#include "tests/cli/client/page_server.h"
#include "tests/rpc/rpc_rig.h"
#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class BenchTest : public testing::Test {
 protected:
  BenchTest() { Load("m", {}); }
  void Load(const std::string& name, const FakeScript& script,
            ModelConfig config = {}) {
    config.inputs = {{.name = "x", .datatype = "FP32", .shape = {-1, 2}}};
    config.outputs = {{.name = "y", .datatype = "FP32", .shape = {-1, 2}}};
    rig_.backend.Script(name, script);
    rig_.pipeline.Load({.name = name, .config = config});
  }
  std::string Command(const std::string& arguments,
                      const std::string& warm_up = "0s") const {
    return WEIR_PROGRAM " bench --address " + rig_.server->addresses()[0] +
           " --warm-up " + warm_up + " " + arguments;
  }
  RpcRig rig_;
};

TEST_F(BenchTest, AsksAsOftenAsItWasToldAtEachLevel) {
  const CommandResult result =
      RunCommand(Command("m --requests 50 --concurrency 1,3,100"));
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, AllOf(HasSubstr("\n1        50  0"),
                                   HasSubstr("\n3        50  0"),
                                   HasSubstr("\n100      50  0")));
  // One before the first level shows whether it can be asked at all.
  EXPECT_EQ(rig_.backend.RunCount(), 1 + 3 * 50);
}

TEST_F(BenchTest, AsksForSoLongAndWarmsUpUncounted) {
  const CommandResult result = RunCommand(
      Command("m --time 100ms --concurrency 2 --json", /*warm_up=*/"50ms"));
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("\"seconds\": 0.1"));
  const size_t at = result.output.find("\"requests\": ");
  ASSERT_NE(at, std::string::npos);
  const int counted = std::stoi(result.output.substr(at + 12));
  EXPECT_GT(counted, 0);
  EXPECT_GT(rig_.backend.RunCount(), counted + 1);
}

TEST_F(BenchTest, TellsTheServersProcessorTime) {
  const PageServer page("HTTP/1.1 200 OK\r\n\r\nprocess_cpu_seconds_total 5\n");
  const CommandResult result = RunCommand(
      Command("m --requests 5 --concurrency 1 --metrics " + page.address()));
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("  0.0 us\n"), Not(HasSubstr("left out: http"))));
}

TEST_F(BenchTest, SaysWhereTheProcessorTimeCannotBeHad) {
  const CommandResult result = RunCommand(
      Command("m --requests 5 --concurrency 1 --metrics 127.0.0.1:1"));
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output,
              HasSubstr("left out: http://127.0.0.1:1/metrics: nothing "
                        "answers at 127.0.0.1:1\n"));
}

TEST_F(BenchTest, CountsWhatTheServerRefuses) {
  Load("flaky", {.fails = {.every = 3}});
  const CommandResult result =
      RunCommand(Command("flaky --requests 10 --concurrency 1"));
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output, HasSubstr("1 at once: 3 times INTERNAL: "));
}

TEST_F(BenchTest, EndsWith1WhereTheFirstRequestIsRefused) {
  Load("broken", {.fails = {.every = 1}});
  const CommandResult broken = RunCommand(Command("broken"));
  EXPECT_EQ(broken.status, 1);
  EXPECT_THAT(broken.output, HasSubstr("answered INTERNAL"));
  const CommandResult unknown = RunCommand(Command("nobody"));
  EXPECT_EQ(unknown.status, 1);
  EXPECT_THAT(unknown.output, HasSubstr("serves no model \"nobody\""));
}

TEST_F(BenchTest, EndsWith2WhereTheArgumentsAreWrong) {
  for (const char* arguments :
       {"", "m --concurrency 0", "m --time 1s --requests 1", "m --input y=1"}) {
    EXPECT_EQ(RunCommand(Command(arguments)).status, 2) << arguments;
  }
}

TEST_F(BenchTest, PrintsWhatItHasWhenItIsInterrupted) {
  const TemporaryFolder folder;
  const std::string file = folder.path() + "/pid";
  CommandResult result;
  Thread bench("bench", [&] {
    result = RunCommand("echo $$ > " + file + "; exec " +
                        Command("m --time 10min --concurrency 4"));
  });
  // The first request comes before it takes interrupts, the others after.
  while (rig_.backend.RunCount() < 100) std::this_thread::yield();
  pid_t pid = 0;
  std::ifstream(file) >> pid;
  ASSERT_GT(pid, 0);
  kill(pid, SIGINT);
  bench.Join();
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("\n4        "), HasSubstr("interrupted: ")));
}

}  // namespace
}  // namespace weir
