#include "backend/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "config/status_macros.h"
#include "sync/check.h"

extern char** environ;

namespace weir {
namespace {

// What a spawn is told besides the command; freed with it.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  void Give(const Descriptor& descriptor, int as) {
    posix_spawn_file_actions_adddup2(&actions_, descriptor.get(), as);
  }

  // A daemon blocks signals and ignores some; its children do not.
  void ResetSignals() {
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t reset;
    sigemptyset(&reset);
    for (const int signal : {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGTERM,
                             SIGUSR1, SIGUSR2, SIGCHLD}) {
      sigaddset(&reset, signal);
    }
    posix_spawnattr_setsigdefault(&attributes_, &reset);
    int flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
#ifdef __APPLE__
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    posix_spawnattr_setflags(&attributes_, static_cast<int16_t>(flags));
  }

  absl::StatusOr<pid_t> Spawn(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& argument : command) {
      arguments.push_back(const_cast<char*>(argument.c_str()));
    }
    arguments.push_back(nullptr);
    pid_t pid = -1;
    const int error = posix_spawn(&pid, arguments[0], &actions_, &attributes_,
                                  arguments.data(), environ);
    if (error == 0) return pid;
    return absl::UnavailableError(
        absl::StrCat("cannot start ", command[0], ": ", std::strerror(error)));
  }

 private:
  posix_spawn_file_actions_t actions_ = {};
  posix_spawnattr_t attributes_ = {};
};

// The most that poll may be told, rounded up so that it does not spin.
int MillisecondsUntil(TimePoint deadline) {
  if (deadline == kNever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      deadline - RealClock().Now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, INT_MAX));
}

// Bytes read; 0 where there are none now, nothing at the end.
std::optional<size_t> ReadSome(const Descriptor& descriptor, char* buffer,
                               size_t size) {
  const ssize_t count = read(descriptor.get(), buffer, size);
  if (count > 0) return static_cast<size_t>(count);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  return std::nullopt;
}

std::string SignalName(int signal) {
  static constexpr std::array<std::pair<int, std::string_view>, 12> kNames = {
      {{SIGABRT, "SIGABRT"},
       {SIGSEGV, "SIGSEGV"},
       {SIGBUS, "SIGBUS"},
       {SIGILL, "SIGILL"},
       {SIGFPE, "SIGFPE"},
       {SIGTRAP, "SIGTRAP"},
       {SIGKILL, "SIGKILL"},
       {SIGTERM, "SIGTERM"},
       {SIGINT, "SIGINT"},
       {SIGHUP, "SIGHUP"},
       {SIGPIPE, "SIGPIPE"},
       {SIGSYS, "SIGSYS"}}};
  for (const auto& [number, name] : kNames) {
    if (number == signal) return std::string(name);
  }
  return absl::StrCat("signal ", signal);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ChildProcess>> ChildProcess::Start(
    const std::vector<std::string>& command) {
  WEIR_CHECK(!command.empty(), "a command has a program");
  WEIR_ASSIGN_OR_RETURN(DescriptorPair lifeline, OpenPipe());
  WEIR_ASSIGN_OR_RETURN(DescriptorPair report, OpenPipe());
  WEIR_ASSIGN_OR_RETURN(DescriptorPair printed, OpenPipe());
  fcntl(report.read.get(), F_SETFL, O_NONBLOCK);
  fcntl(printed.read.get(), F_SETFL, O_NONBLOCK);
  SpawnPlan plan;
  plan.Give(lifeline.read, STDIN_FILENO);
  plan.Give(printed.write, STDOUT_FILENO);
  plan.Give(printed.write, STDERR_FILENO);
  plan.Give(report.write, kReportDescriptor);
  plan.ResetSignals();
  WEIR_ASSIGN_OR_RETURN(const pid_t pid, plan.Spawn(command));
  // Our copies of the child's ends go here, so that the pipes end with it.
  return std::unique_ptr<ChildProcess>(
      new ChildProcess(pid, std::move(lifeline.write), std::move(report.read),
                       std::move(printed.read)));
}

bool ChildProcess::TakeLine(std::string& line) {
  const size_t end = reported_.find('\n');
  if (end == std::string::npos) return false;
  line = reported_.substr(0, end);
  reported_.erase(0, end + 1);
  return true;
}

bool ChildProcess::ReadReport() {
  std::array<char, kLineBytesMax> buffer = {};
  const auto count = ReadSome(report_, buffer.data(), buffer.size());
  if (!count.has_value()) return false;
  reported_.append(buffer.data(), *count);
  return true;
}

void ChildProcess::ReadPrinted() {
  std::array<char, kLastWordsBytesMax> buffer = {};
  const auto count = ReadSome(printed_, buffer.data(), buffer.size());
  if (!count.has_value()) {
    printed_.Close();
    return;
  }
  last_words_.append(buffer.data(), *count);
  if (last_words_.size() > kLastWordsBytesMax) {
    last_words_.erase(0, last_words_.size() - kLastWordsBytesMax);
  }
}

ChildProcess::Read ChildProcess::ReadLine(TimePoint deadline,
                                          std::string& line) {
  // The deadline bounds the turns: what is printed extends nothing.
  while (true) {
    if (TakeLine(line)) {
      return line.size() > kLineBytesMax ? Read::kTooLong : Read::kLine;
    }
    if (reported_.size() > kLineBytesMax) return Read::kTooLong;
    if (!report_.is_open()) return Read::kClosed;
    if (RealClock().Now() >= deadline) return Read::kDeadline;
    std::array<pollfd, 2> ready = {{{report_.get(), POLLIN, 0},
                                    // A negative one is not looked at.
                                    {printed_.get(), POLLIN, 0}}};
    if (poll(ready.data(), ready.size(), MillisecondsUntil(deadline)) <= 0) {
      continue;
    }
    if (ready[1].revents != 0) ReadPrinted();
    if (ready[0].revents != 0 && !ReadReport()) report_.Close();
  }
}

const std::string& ChildProcess::Stop() {
  if (!how_it_ended_.empty()) return how_it_ended_;
  // One that is ending already keeps the end that it has.
  kill(pid_, SIGKILL);
  int status = 0;
  pid_t reaped = -1;
  do {
    reaped = waitpid(pid_, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  how_it_ended_ =
      reaped == pid_ ? DescribeWaitStatus(status) : "ended, nobody knows how";
  // What it printed last may still lie in the pipe, which holds at most 64 KiB.
  for (int turn = 0; turn < 32 && printed_.is_open(); ++turn) ReadPrinted();
  report_.Close();
  printed_.Close();
  return how_it_ended_;
}

std::string DescribeWaitStatus(int wait_status) {
  if (WIFEXITED(wait_status)) {
    return absl::StrCat("exited with code ", WEXITSTATUS(wait_status));
  }
  if (WIFSIGNALED(wait_status)) {
    return absl::StrCat("was killed by ", SignalName(WTERMSIG(wait_status)));
  }
  return "ended, nobody knows how";
}

}  // namespace weir
