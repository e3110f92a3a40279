#include "server/telemetry/status_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "absl/base/thread_annotations.h"
#include "sync/mutex.h"
#include "sync/simulated_clock.h"

namespace weir {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A slot that is busy a quarter of the time.
TelemetrySnapshot QuarterBusyAt(TimePoint now) {
  TelemetrySnapshot snapshot;
  snapshot.version = "1.2.3";
  snapshot.devices = {
      {.name = "cpu", .slots = {{.busy = now.time_since_epoch() / 4}}}};
  return snapshot;
}

class StatusBoardTest : public testing::Test {
 protected:
  TelemetrySnapshot Read() {
    MutexLock lock(mutex_);
    ++num_reads_;
    changed_.NotifyAll();
    return QuarterBusyAt(clock_.Now());
  }
  // Until the board has looked as often, and waits again.
  void AwaitReads(int num_reads) {
    {
      MutexLock lock(mutex_);
      while (num_reads_ < num_reads) changed_.Wait(mutex_);
    }
    clock_.AwaitTimedWaiters(1);
  }
  void AdvanceSeconds(int seconds) {
    AwaitReads(1);
    for (int i = 0; i < seconds; ++i) {
      clock_.Advance(std::chrono::seconds(1));
      AwaitReads(i + 2);
    }
  }

  SimulatedClock clock_;
  Mutex mutex_;
  CondVar changed_;
  int num_reads_ ABSL_GUARDED_BY(mutex_) = 0;
  StatusBoard board_{clock_,
                     {.read = [this] { return QuarterBusyAt(clock_.Now()); },
                      .sample = [this] { return Read(); }}};
};

TEST_F(StatusBoardTest, LooksOnceASecond) {
  AdvanceSeconds(3);
  EXPECT_THAT(board_.Json(), HasSubstr("\"busy_percents\":[25,25,25]"));
}

TEST_F(StatusBoardTest, LooksNoMoreOftenForThoseWhoAsk) {
  AdvanceSeconds(1);
  for (int i = 0; i < 10; ++i) (void)board_.Json();
  EXPECT_THAT(board_.Json(), HasSubstr("\"busy_percents\":[25]"));
}

TEST_F(StatusBoardTest, ShowsTheSameToProgramsAndToBrowsers) {
  AdvanceSeconds(2);
  EXPECT_THAT(board_.Json(),
              AllOf(HasSubstr("\"version\":\"1.2.3\""), HasSubstr("[25,25]")));
  EXPECT_THAT(board_.Page(), AllOf(HasSubstr(">1.2.3</span>"),
                                   HasSubstr("busy 25 % of the last 2 ")));
}

TEST_F(StatusBoardTest, EndsWhileItWaits) { AwaitReads(1); }

}  // namespace
}  // namespace weir
