// The self-test in a child process: the real program with the fake module, and
// children that keep to no protocol.
#include "backend/self_test_child.h"

#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "backend/child_process.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/scoped_variable.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

using Read = ChildProcess::Read;

// A silence that means a hang; nothing else is ever so slow that it matters.
constexpr Duration kHang = milliseconds(500);

class SelfTestChildTest : public testing::Test {
 protected:
  // Each test ends as it began: without a child.
  void TearDown() override {
    EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }

  // The options of a test of one model whose script is `script`.
  SelfTestChildOptions Options(const std::string& script, int slots) {
    SelfTestChildOptions options;
    options.command = {WEIR_PROGRAM,      "selftest",       "--child",
                       "--module",        WEIR_FAKE_MODULE, "--model",
                       Model("m", script)};
    options.device = "fake:1";
    options.slots = slots;
    // Bounds no test reaches but those that lower them.
    options.step_time_max = minutes(1);
    return options;
  }
  std::string Model(const std::string& name, const std::string& script) {
    return folder_.Write(name + ".yaml",
                         "inputs: [{name: x, datatype: FP32, shape: [-1, 4]}]\n"
                         "backend_options: {compute: affine" +
                             script + "}\n");
  }
  static SelfTestChildOptions Shell(const std::string& script) {
    SelfTestChildOptions options;
    options.command = {"/bin/sh", "-c", script};
    options.device = "mps";
    options.slots = 4;
    options.load_time_max = options.step_time_max = minutes(1);
    return options;
  }
  static std::string Error(const SelfTestChildOptions& options) {
    const absl::Status status = RunSelfTestChild(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    return std::string(status.message());
  }

  TemporaryFolder folder_;
};

// R42: a device keeps its slots where the models stood running on all of them.
TEST_F(SelfTestChildTest, KeepsTheSlotsOfADeviceThatBearsThem) {
  const SelfTestVerdict verdict = *RunSelfTestChild(Options("", 4));
  EXPECT_EQ(verdict.slots, 4);
  EXPECT_EQ(verdict.device, "fake:1");
  EXPECT_EQ(verdict.cause, "as configured");
  EXPECT_EQ(verdict.counts.size(), 3);
}

// R42: a crash at some number of slots leaves one, with the evidence.
TEST_F(SelfTestChildTest, FallsBackWhereSlotsCrash) {
  const SelfTestVerdict verdict = *RunSelfTestChild(
      Options(", overlap: aborts, overlap_runs: \"3\", delay: 5ms", 4));
  EXPECT_EQ(verdict.slots, 1);
  EXPECT_EQ(verdict.counts.front(), (SelfTestCount{2, true, ""}));
  EXPECT_THAT(verdict.evidence,
              ElementsAre("fake:1: self-test at 3 slots: the child was killed "
                          "by SIGABRT; using 1 slot",
                          "it printed: fake: scripted: 3 runs at once"));
}

// R42: as does a hang.
TEST_F(SelfTestChildTest, FallsBackWhereSlotsHang) {
  SelfTestChildOptions options = Options(", overlap: hangs, delay: 5ms", 4);
  options.step_time_max = kHang;
  const SelfTestVerdict verdict = *RunSelfTestChild(options);
  EXPECT_EQ(verdict.slots, 1);
  EXPECT_EQ(verdict.evidence[0],
            "fake:1: self-test at 2 slots: the child gave no answer for "
            "500ms; using 1 slot");
}

// R42: as does a wrong answer.
TEST_F(SelfTestChildTest, FallsBackWhereSlotsAnswerWrongly) {
  const SelfTestVerdict verdict =
      *RunSelfTestChild(Options(", overlap: corrupts, delay: 5ms", 4));
  EXPECT_EQ(verdict.slots, 1);
  EXPECT_THAT(verdict.evidence[0],
              AllOf(HasSubstr("at 2 slots: model \"m\" answered otherwise"),
                    HasSubstr("output \"x\" differed at element 0")));
}

TEST_F(SelfTestChildTest, TakesTheStreamsThatThereAre) {
  const ScopedVariable fake("LIBWEIR_FAKE", "num_streams=3");
  const SelfTestVerdict verdict = *RunSelfTestChild(Options("", 5));
  EXPECT_EQ(verdict.slots, 3);
  EXPECT_EQ(verdict.cause,
            "fake:1 has 3 distinct streams; 5 slots were asked for");
}

TEST_F(SelfTestChildTest, TakesTheStreamsBeforeTheProbeThrew) {
  const ScopedVariable fake("LIBWEIR_FAKE", "num_streams=3,probe_end=throws");
  const SelfTestVerdict verdict = *RunSelfTestChild(Options("", 5));
  EXPECT_EQ(verdict.slots, 3);
  EXPECT_EQ(verdict.cause, "fake:1 threw after 3 streams");
}

TEST_F(SelfTestChildTest, TakesTheStreamsBeforeTheProbeBlocked) {
  const ScopedVariable fake("LIBWEIR_FAKE", "num_streams=31,probe_end=blocks");
  SelfTestChildOptions options = Options("", 64);
  options.step_time_max = kHang;
  const SelfTestVerdict verdict = *RunSelfTestChild(options);
  EXPECT_EQ(verdict.slots, 31);
  EXPECT_EQ(verdict.slots_asked, 64);
  EXPECT_EQ(verdict.cause, "the probe gave no answer for 500ms after 31 slots");
  EXPECT_THAT(verdict.evidence, Contains("fake:1: " + verdict.cause));
}

TEST_F(SelfTestChildTest, TakesTheStreamsBeforeTheProbeCrashed) {
  const ScopedVariable fake("LIBWEIR_FAKE", "num_streams=2,probe_end=aborts");
  const SelfTestVerdict verdict = *RunSelfTestChild(Options("", 4));
  EXPECT_EQ(verdict.slots, 2);
  EXPECT_EQ(verdict.cause, "the probe was killed by SIGABRT after 2 slots");
}

TEST_F(SelfTestChildTest, HasNoVerdictWhereThereIsNoStream) {
  const ScopedVariable fake("LIBWEIR_FAKE", "num_streams=0,probe_end=throws");
  EXPECT_EQ(Error(Options("", 4)),
            "fake:1: self-test: fake:1 threw after 0 streams");
}

TEST_F(SelfTestChildTest, HasNoVerdictWhereOneRunAloneHangs) {
  SelfTestChildOptions options = Options(", gate: stuck", 4);
  options.step_time_max = kHang;
  EXPECT_EQ(Error(options),
            "fake:1: self-test: the child gave no answer for 500ms while model "
            "\"m\" ran alone");
}

TEST_F(SelfTestChildTest, HasNoVerdictWhereTheModuleRefuses) {
  const ScopedVariable fake("LIBWEIR_FAKE", "nonsense");
  EXPECT_EQ(Error(Options("", 4)),
            "fake:1: self-test: the backend module refuses: LIBWEIR_FAKE: "
            "wrong part: nonsense");
}

TEST_F(SelfTestChildTest, HasNoVerdictWhereALoadTakesTooLong) {
  SelfTestChildOptions options = Options(", load_gate: stuck", 4);
  options.load_time_max = kHang;
  EXPECT_THAT(Error(options), HasSubstr("while it loaded model \"m\""));
}

TEST_F(SelfTestChildTest, BoundsTheWholeTest) {
  SelfTestChildOptions options = Shell("read x");
  options.total_time_max = milliseconds(100);
  EXPECT_THAT(Error(options), HasSubstr("the child took longer than 100ms"));
}

TEST_F(SelfTestChildTest, TrustsNoChild) {
  for (const auto& [script, what] :
       std::vector<std::pair<std::string, std::string>>{
           {"echo hello >&3; read x", "no version"},
           {"echo weir-selftest 2 >&3; read x", "no version"},
           {"echo weir-selftest 1 >&3; echo hello >&3; read x",
            "not a line of a self-test: hello"},
           {"echo weir-selftest 1 >&3; echo fact=end >&3; read x",
            "a line out of its place: fact=end"},
           {"printf %09999d 0 >&3; read x", "a line without an end"}}) {
    EXPECT_THAT(Error(Shell(script)),
                HasSubstr("the child broke its protocol: " + what));
  }
}

TEST_F(SelfTestChildTest, TellsHowAChildEndedThatSaidNothing) {
  EXPECT_THAT(Error(Shell("exit 3")),
              StartsWith("mps: self-test: the child exited with code 3"));
  EXPECT_THAT(Error(Shell("echo dyld: no such library >&2; exit 3")),
              HasSubstr("it printed: dyld: no such library"));
  EXPECT_THAT(Error(Shell("printf '\\033[2Jboo\\n' >&2; exit 3")),
              HasSubstr("it printed: ?[2Jboo"));
}

TEST_F(SelfTestChildTest, TellsThatTheChildCannotBeStarted) {
  SelfTestChildOptions options = Shell("");
  options.command = {"/nonexistent/weir"};
  EXPECT_THAT(Error(options), HasSubstr("cannot start /nonexistent/weir"));
}

// What a child does whose parent is gone: its input has ended.
TEST_F(SelfTestChildTest, EndsWithItsParentThoughItHangs) {
  const ScopedVariable fake("LIBWEIR_FAKE", "num_streams=1,probe_end=blocks");
  const auto child = *ChildProcess::Start(
      {"/bin/sh", "-c", "exec \"$0\" \"$@\" </dev/null", WEIR_PROGRAM,
       "selftest", "--child", "--module", WEIR_FAKE_MODULE, "--slots", "2"});
  std::string line;
  Read read = Read::kLine;
  while (read == Read::kLine) {
    read = child->ReadLine(RealClock().Now() + minutes(1), line);
  }
  EXPECT_EQ(read, Read::kClosed);
  EXPECT_EQ(child->Stop(), "exited with code 1");
}

}  // namespace
}  // namespace weir
