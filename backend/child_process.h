// ChildProcess: a program that this process starts, listens to, and ends.
//
//   absl::StatusOr<std::unique_ptr<ChildProcess>> child =
//       ChildProcess::Start({"/usr/bin/weir", "selftest", "--child"});
//   std::string line;
//   while ((*child)->ReadLine(deadline, line) == ChildProcess::Read::kLine) {
//     ...
//   }
//   std::string how = (*child)->Stop();   // "was killed by SIGABRT"
//
// It is spawned, never forked: what a bare fork copies of Metal, gRPC or OpenMP
// does not work. No shell is asked. It gets
//
//   descriptor 0   a pipe that ends when this process does: a child that reads
//                  it can end too, however this process was ended
//   descriptor 1,2 what it prints; the last of it is kept (last_words)
//   descriptor 3   kReportDescriptor: the lines that ReadLine reads
//
// and no other descriptor of ours; all signals at their defaults.
//
// Thread-safety: one thread at a time. Any number of children at once.
// Ownership: the destructor kills and reaps; no child outlives it.
// Failure: what the child writes is bounded: a line, and the last words.
#ifndef WEIR_BACKEND_CHILD_PROCESS_H_
#define WEIR_BACKEND_CHILD_PROCESS_H_

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/descriptor.h"
#include "sync/clock.h"

namespace weir {

class ChildProcess {
 public:
  static constexpr int kReportDescriptor = 3;
  static constexpr size_t kLineBytesMax = 4096;
  static constexpr size_t kLastWordsBytesMax = 4096;

  enum class Read {
    kLine,
    kTooLong,   // a line of more than kLineBytesMax
    kClosed,    // the child reports no more; it has ended, or soon will
    kDeadline,  // which came first
  };

  // `command` is the program's path and its arguments. REQUIRES: not empty.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(
      const std::vector<std::string>& command);
  ~ChildProcess() { Stop(); }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  // Waits for the next line; it comes without its end. A last line that has no
  // end is none.
  Read ReadLine(TimePoint deadline, std::string& line);

  // Kills the child where it still runs, reaps it, and says how it ended, as
  // the rest of a sentence. The same again when called again.
  const std::string& Stop();

  // The last that it printed on its descriptors 1 and 2.
  const std::string& last_words() const { return last_words_; }

  pid_t pid() const { return pid_; }

 private:
  ChildProcess(pid_t pid, Descriptor lifeline, Descriptor report,
               Descriptor printed)
      : pid_(pid),
        lifeline_(std::move(lifeline)),
        report_(std::move(report)),
        printed_(std::move(printed)) {}

  bool TakeLine(std::string& line);
  // Reads what is there; false at the end.
  bool ReadReport();
  void ReadPrinted();

  const pid_t pid_;
  // Held, never written.
  const Descriptor lifeline_;
  Descriptor report_;
  Descriptor printed_;
  std::string reported_;  // read and not yet given out as a line
  std::string last_words_;
  std::string how_it_ended_;
};

// How a process ended, out of what waitpid says: "was killed by SIGABRT".
std::string DescribeWaitStatus(int wait_status);

}  // namespace weir

#endif  // WEIR_BACKEND_CHILD_PROCESS_H_
