#include "cli/bench_load.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/simulated_clock.h"
#include "sync/thread.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::Pair;

const absl::Status& Ok() {
  static const absl::Status ok;
  return ok;
}

class LoadTest : public testing::Test {
 protected:
  LoadResult Run(const LoadOptions& options, const LoadSend& send) {
    return RunLoad(options, clock_, stop_, send);
  }
  SimulatedClock clock_;
  std::atomic<bool> stop_ = false;
};

TEST_F(LoadTest, SendsAsManyAsItWasAskedFor) {
  int num_sent = 0;
  const LoadResult result = Run({.concurrency = 3, .requests_max = 10},
                                [&](int, const LoadDone& done) {
                                  ++num_sent;
                                  done(Ok());
                                });
  EXPECT_EQ(num_sent, 10);
  EXPECT_THAT(result.counts, ElementsAre(Pair(absl::StatusCode::kOk, 10)));
  EXPECT_EQ(result.latencies.size(), 10U);
}

TEST_F(LoadTest, BearsALongLineOfQuickAnswers) {
  const LoadResult result = Run({.concurrency = 1, .requests_max = 1'000'000},
                                [&](int, const LoadDone& done) { done(Ok()); });
  EXPECT_EQ(result.latencies.size(), 1'000'000U);
}

TEST_F(LoadTest, SendsNoMoreOnceTheTimeIsUpAndCountsWhatIsUnderWay) {
  const LoadResult result =
      Run({.concurrency = 1, .time = milliseconds(100), .requests_max = 1000},
          [&](int, const LoadDone& done) {
            clock_.Advance(milliseconds(30));
            done(Ok());
          });
  EXPECT_EQ(result.latencies,
            std::vector<Duration>(4, Duration(milliseconds(30))));
  EXPECT_EQ(result.elapsed, milliseconds(120));
}

TEST_F(LoadTest, StopsWhenItIsToldTo) {
  const LoadResult result = Run({.concurrency = 2, .requests_max = 1000},
                                [&](int, const LoadDone& done) {
                                  stop_ = true;
                                  done(Ok());
                                });
  EXPECT_EQ(result.latencies.size(), 1U);
}

TEST_F(LoadTest, CountsEachCodeAndKeepsWhatOneOfEachWasTold) {
  int num_sent = 0;
  const LoadResult result = Run(
      {.concurrency = 1, .requests_max = 9}, [&](int, const LoadDone& done) {
        const std::string number = std::to_string(num_sent++);
        done(num_sent % 3 == 0 ? absl::ResourceExhaustedError(number) : Ok());
      });
  EXPECT_THAT(result.counts,
              ElementsAre(Pair(absl::StatusCode::kOk, 6),
                          Pair(absl::StatusCode::kResourceExhausted, 3)));
  EXPECT_EQ(result.messages.at(absl::StatusCode::kResourceExhausted), "2");
  EXPECT_EQ(result.latencies.size(), 6U);
}

// Answers from a thread of its own, and looks at how many are under way.
class Answerer {
 public:
  explicit Answerer(int until) : until_(until) {}

  void Send(LoadDone done) {
    MutexLock lock(mutex_);
    waiting_.push_back(std::move(done));
    most_ = std::max(most_, waiting_.size());
    changed_.NotifyAll();
  }
  void Loop() {
    for (int i = 0; i < until_; ++i) {
      LoadDone done;
      {
        MutexLock lock(mutex_);
        while (waiting_.empty()) changed_.Wait(mutex_);
        done = std::move(waiting_.front());
        waiting_.pop_front();
      }
      done(Ok());
    }
  }
  size_t most() {
    MutexLock lock(mutex_);
    return most_;
  }

 private:
  const int until_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<LoadDone> waiting_ ABSL_GUARDED_BY(mutex_);
  size_t most_ ABSL_GUARDED_BY(mutex_) = 0;
};

TEST_F(LoadTest, KeepsSoManyUnderWayAndNoMore) {
  constexpr int kRequests = 2000;
  Answerer answerer(kRequests);
  LoadResult result;
  {
    const Thread first("answers", [&] { answerer.Loop(); });
    result = Run({.concurrency = 8, .requests_max = kRequests},
                 [&](int, LoadDone done) { answerer.Send(std::move(done)); });
  }
  EXPECT_EQ(result.latencies.size(), static_cast<size_t>(kRequests));
  EXPECT_LE(answerer.most(), 8U);
}

}  // namespace
}  // namespace weir
