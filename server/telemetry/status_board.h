// StatusBoard: /status, for programs and for browsers, with the last minute of
// every slot.
//
//   StatusBoard board(clock, {.read = [&] { return SnapshotOf(parts); },
//                             .sample = [&] { return LookAtAllOf(parts); }});
//   handlers.status_json = [&board] { return board.Json(); };
//   handlers.status_page = [&board] { return board.Page(); };
//
// Thread-safety: any number of threads. `read` is called by them, `sample` once
// a second by the board's own thread (weir-status); both under no lock.
// Ownership: what the two use, and `clock`, outlive it; the destructor joins.
// Failure: none.
#ifndef WEIR_SERVER_TELEMETRY_STATUS_BOARD_H_
#define WEIR_SERVER_TELEMETRY_STATUS_BOARD_H_

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "server/telemetry/slot_history.h"
#include "server/telemetry/telemetry_snapshot.h"
#include "sync/clock.h"
#include "sync/mutex.h"
#include "sync/thread.h"

namespace weir {

class StatusBoard {
 public:
  struct Looks {
    // Quick, for somebody waits for it.
    std::function<TelemetrySnapshot()> read;
    // May take its time: nobody waits for the lanes of the last minute.
    std::function<TelemetrySnapshot()> sample;
  };

  StatusBoard(Clock& clock, Looks looks);
  ~StatusBoard();
  StatusBoard(const StatusBoard&) = delete;
  StatusBoard& operator=(const StatusBoard&) = delete;

  std::string Json() const;
  std::string Page() const;

 private:
  void Loop();

  Clock& clock_;
  const Looks looks_;
  SlotHistory history_;

  Mutex mutex_;
  CondVar closing_;
  bool is_closing_ ABSL_GUARDED_BY(mutex_) = false;

  Thread thread_;  // last: it uses all of the above
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_STATUS_BOARD_H_
