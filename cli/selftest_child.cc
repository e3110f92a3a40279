#include "cli/selftest_child.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "backend/child_process.h"
#include "backend/module.h"
#include "backend/self_test.h"
#include "backend/self_test_fact.h"
#include "cli/exit_code.h"
#include "sync/clock.h"
#include "sync/thread.h"

namespace weir {
namespace {

using Kind = SelfTestFactKind;

// What a device left behind is not unwound: the report is complete by now.
[[noreturn]] void EndNow(ExitCode code) {
  std::fflush(nullptr);
  std::_Exit(code);
}

void AwaitEndOfParent() {
  char ignored = 0;
  ssize_t count = 0;
  do {
    count = read(STDIN_FILENO, &ignored, 1);
  } while (count > 0 || (count < 0 && errno == EINTR));
  EndNow(kExitFailed);
}

void WriteLine(const std::string& line) {
  const std::string text = line + "\n";
  for (size_t done = 0; done < text.size();) {
    const ssize_t count = write(ChildProcess::kReportDescriptor,
                                text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      std::fputs("weir: --child is for weir itself\n", stderr);
      EndNow(kExitBadArguments);
    }
    done += static_cast<size_t>(count);
  }
}

void Report(const SelfTestFact& fact) { WriteLine(ToLine(fact)); }

}  // namespace

void RunAsSelftestChild(const SelftestPlan& plan) {
  WriteLine(std::string(kSelfTestVersion));
  const Thread parent("weir-parent", &AwaitEndOfParent);
  Report({.kind = Kind::kOpening, .text = plan.module});
  RealClock clock;
  const absl::StatusOr<std::unique_ptr<Backend>> backend = LoadBackendModule(
      plan.module, {.clock = &clock, .config = plan.config.backend});
  if (backend.ok()) {
    for (const std::string& fact : (*backend)->Facts()) {
      Report({.kind = Kind::kLibrary, .text = fact});
    }
    if (!(*backend)->needs_files()) Report({.kind = Kind::kScripted});
    RunSelfTest(**backend,
                {.device = plan.device,
                 .slots = plan.slots,
                 .models = plan.models,
                 .rounds = plan.rounds},
                clock, &Report);
  } else {
    Report({.kind = Kind::kError,
            .text = std::string(backend.status().message())});
    Report({.kind = Kind::kFreeing});
    Report({.kind = Kind::kEnd});
  }
  EndNow(kExitOk);
}

}  // namespace weir
