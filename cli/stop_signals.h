// StopSignals: the signals that ask a daemon to end, as calls.
//
//   StopSignals signals({.first = [&] { server.Stop(); },
//                        .second = [&] { std::_Exit(3); }},
//                       /*time_max=*/std::chrono::seconds(30), clock);
//
// SIGTERM, SIGINT and SIGHUP mean the same. The first one is told once; the
// second, or the end of the time that the first one left, once too. What comes
// within kOneCause of the first is no second one: who ends a program and then
// its process group, as `timeout` does, asks once. SIGPIPE is ignored from then
// on: a client that is gone is an error of its socket.
//
// Thread-safety: constructed by main before there are other threads, for they
// inherit that the signals are blocked. The calls come on a thread of its own
// (weir-signals).
// Ownership: owns its thread; borrows the clock.
// Failure: none.
#ifndef WEIR_CLI_STOP_SIGNALS_H_
#define WEIR_CLI_STOP_SIGNALS_H_

#include <atomic>
#include <chrono>
#include <functional>

#include "sync/clock.h"
#include "sync/thread.h"

namespace weir {

class StopSignals {
 public:
  struct Calls {
    std::function<void()> first;
    std::function<void()> second;
  };

  static constexpr Duration kOneCause = std::chrono::milliseconds(250);

  StopSignals(Calls calls, std::chrono::seconds time_max, const Clock& clock);
  // Asks for nothing any more; signals stay blocked.
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  void Loop();

  const Calls calls_;
  const std::chrono::seconds time_max_;
  const Clock& clock_;
  std::atomic<bool> has_ended_ = false;  // a flag alone
  Thread thread_;                        // last: it uses all of the above
};

}  // namespace weir

#endif  // WEIR_CLI_STOP_SIGNALS_H_
