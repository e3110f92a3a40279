#include "server/telemetry/status_board.h"

#include <chrono>
#include <utility>

#include "server/telemetry/status_json.h"
#include "server/telemetry/status_page.h"

namespace weir {

StatusBoard::StatusBoard(Clock& clock, Looks looks)
    : clock_(clock),
      looks_(std::move(looks)),
      thread_("weir-status", [this] { Loop(); }) {}

StatusBoard::~StatusBoard() {
  {
    MutexLock lock(mutex_);
    is_closing_ = true;
  }
  closing_.NotifyAll();
  thread_.Join();
}

std::string StatusBoard::Json() const {
  return StatusJson(looks_.read(), history_.Read());
}

std::string StatusBoard::Page() const {
  return StatusPage(looks_.read(), history_.Read());
}

void StatusBoard::Loop() {
  while (true) {
    const TimePoint now = clock_.Now();
    history_.Sample(looks_.sample(), now);
    const TimePoint next = now + std::chrono::seconds(1);
    MutexLock lock(mutex_);
    while (!is_closing_ && !clock_.WaitUntil(closing_, mutex_, next)) {
    }
    if (is_closing_) return;
  }
}

}  // namespace weir
