#include "cli/stop_signals.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace weir {
namespace {

constexpr int kWakeUp = SIGUSR2;

sigset_t AllSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGALRM, kWakeUp}) {
    sigaddset(&signals, number);
  }
  return signals;
}

void BlockAll() {
  const sigset_t signals = AllSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  struct sigaction ignored = {};
  ignored.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignored, nullptr);
}

}  // namespace

StopSignals::StopSignals(Calls calls, std::chrono::seconds time_max,
                         const Clock& clock)
    : calls_(std::move(calls)), time_max_(time_max), clock_(clock) {
  BlockAll();
  thread_ = Thread("weir-signals", [this] { Loop(); });
}

StopSignals::~StopSignals() {
  has_ended_.store(true, std::memory_order_relaxed);
  alarm(0);
  kill(getpid(), kWakeUp);
}

void StopSignals::Loop() {
  const sigset_t signals = AllSignals();
  std::optional<TimePoint> asked;
  while (true) {
    int number = 0;
    const int error = sigwait(&signals, &number);
    if (has_ended_.load(std::memory_order_relaxed)) return;
    if (error != 0 || number == kWakeUp) continue;
    const TimePoint now = clock_.Now();
    if (!asked.has_value()) {
      asked = now;
      // The end of the time comes as a signal too.
      alarm(static_cast<unsigned>(std::max<int64_t>(time_max_.count(), 1)));
      calls_.first();
    } else if (now - *asked >= kOneCause) {
      calls_.second();
      return;
    }
  }
}

}  // namespace weir
