#include "backend/child_process.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

using Read = ChildProcess::Read;

std::unique_ptr<ChildProcess> Shell(const std::string& script) {
  return *ChildProcess::Start({"/bin/sh", "-c", script});
}

TimePoint In(Duration duration) { return RealClock().Now() + duration; }

// All lines, until the child reports no more.
std::vector<std::string> LinesOf(ChildProcess& child) {
  std::vector<std::string> lines;
  std::string line;
  while (child.ReadLine(In(minutes(1)), line) == Read::kLine) {
    lines.push_back(line);
  }
  return lines;
}

TEST(ChildProcessTest, ReadsTheLinesOfTheReport) {
  const auto child = Shell("echo one >&3; echo; printf 'two\\nthr' >&3");
  EXPECT_THAT(LinesOf(*child), ElementsAre("one", "two"))
      << "neither what it prints nor a part of a line";
}

TEST(ChildProcessTest, TellsHowItEnded) {
  const auto exited = Shell("exit 7");
  LinesOf(*exited);
  EXPECT_EQ(exited->Stop(), "exited with code 7");
  EXPECT_EQ(exited->Stop(), "exited with code 7");
  for (const char* signal : {"ABRT", "SEGV", "KILL"}) {
    const auto killed = Shell(std::string("kill -") + signal + " $$");
    LinesOf(*killed);
    EXPECT_EQ(killed->Stop(), std::string("was killed by SIG") + signal);
  }
  EXPECT_EQ(DescribeWaitStatus(SIGUSR1), "was killed by signal 10");
}

TEST(ChildProcessTest, KeepsWhatItPrintedLast) {
  const auto child = Shell(
      "for i in 1 2 3 4 5 6 7 8 9; do printf '%01000d\\n' $i; done; "
      "echo alas >&2");
  LinesOf(*child);
  child->Stop();
  EXPECT_THAT(child->last_words(), EndsWith("9\nalas\n"));
  EXPECT_EQ(child->last_words().size(), ChildProcess::kLastWordsBytesMax);
}

TEST(ChildProcessTest, WaitsNoLongerThanItMay) {
  // It prints all the time, which must not extend the wait.
  const auto child = Shell("while :; do echo busy; done");
  std::string line;
  EXPECT_EQ(child->ReadLine(In(milliseconds(50)), line), Read::kDeadline);
  EXPECT_EQ(child->Stop(), "was killed by SIGKILL");
}

TEST(ChildProcessTest, RefusesALineWithoutAnEnd) {
  const auto child = Shell("while :; do printf %01000d 0 >&3; done");
  std::string line;
  EXPECT_EQ(child->ReadLine(In(minutes(1)), line), Read::kTooLong);
}

TEST(ChildProcessTest, RefusesALongLineThatEnds) {
  const auto child = Shell("printf '%05000d\\n' 0 >&3; read x");
  std::string line;
  EXPECT_EQ(child->ReadLine(In(minutes(1)), line), Read::kTooLong);
}

TEST(ChildProcessTest, TellsThatTheProgramCannotBeStarted) {
  const absl::Status status =
      ChildProcess::Start({"/nonexistent/weir", "version"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("cannot start /nonexistent/weir: No such file"));
}

TEST(ChildProcessTest, LeavesNoProcessBehind) {
  auto child = Shell("read x");
  const pid_t pid = child->pid();
  EXPECT_EQ(kill(pid, 0), 0);
  child.reset();
  EXPECT_EQ(kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH) << "killed, and reaped too";
}

TEST(ChildProcessTest, GivesTheChildNoDescriptorOfAnotherOne) {
  const std::vector<std::string> alone = LinesOf(*Shell("ls /dev/fd >&3"));
  const auto other = Shell("read x");
  EXPECT_EQ(LinesOf(*Shell("ls /dev/fd >&3")), alone);
}

TEST(ChildProcessTest, EndsTheChildsInputWithItself) {
  // Nothing ever comes, and the end comes with the parent's.
  const auto child = Shell("echo ready >&3; read x; echo over >&3");
  std::string line;
  EXPECT_EQ(child->ReadLine(In(minutes(1)), line), Read::kLine);
  EXPECT_EQ(child->ReadLine(In(milliseconds(20)), line), Read::kDeadline);
}

TEST(ChildProcessTest, GivesTheChildItsSignalsBack) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const auto child = Shell("kill -TERM $$; echo alive >&3");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  EXPECT_THAT(LinesOf(*child), ElementsAre());
  EXPECT_EQ(child->Stop(), "was killed by SIGTERM");
}

}  // namespace
}  // namespace weir
