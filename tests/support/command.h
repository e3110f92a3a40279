// RunCommand: runs a shell command and gives its output and exit status.
//
//   const CommandResult result = RunCommand("cmake --version");
//   EXPECT_EQ(result.status, 0) << result.output;
//
// Thread-safety: any thread.
// Ownership: none.
// Failure: a command that cannot be started has status -1.
#ifndef WEIR_TESTS_SUPPORT_COMMAND_H_
#define WEIR_TESTS_SUPPORT_COMMAND_H_

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <string>

namespace weir {

struct CommandResult {
  int status = -1;
  std::string output = {};  // standard error too
};

inline CommandResult RunCommand(const std::string& command) {
  CommandResult result;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> buffer = {};
  while (const size_t size =
             std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    result.output.append(buffer.data(), size);
  }
  const int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_COMMAND_H_
