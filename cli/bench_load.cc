#include "cli/bench_load.h"

#include <algorithm>
#include <deque>

#include "sync/mutex.h"

namespace weir {
namespace {

// What all lanes share.
struct Course {
  Course(const LoadOptions& options, const Clock& its_clock,
         const std::atomic<bool>& its_stop, const LoadSend& its_send)
      : clock(its_clock),
        stop(its_stop),
        send(its_send),
        begin(clock.Now()),
        end(SaturatingAdd(begin, options.time)),
        num_left(options.requests_max),
        num_running(options.concurrency) {}

  const Clock& clock;
  const std::atomic<bool>& stop;
  const LoadSend& send;
  const TimePoint begin;
  const TimePoint end;
  std::atomic<int64_t> num_left;

  Mutex mutex;
  CondVar finished;
  int num_running ABSL_GUARDED_BY(mutex);
};

// One request under way, and then the next. It is worked on by one thread at a
// time: the one that sends, or the one that the answer came on.
class Lane {
 public:
  Lane(int index, Course& course) : index_(index), course_(course) {}

  // Sends as long as the answers come before `send` returns, which is how a
  // long line of quick answers stays one loop and no recursion.
  void Run() {
    do {
      if (!TakeTurn()) return Leave();
      num_arrived_.store(0, std::memory_order_relaxed);
      sent_ = course_.clock.Now();
      course_.send(index_,
                   [this](const absl::Status& status) { Done(status); });
    } while (IsSecond());
  }

  // Adds what it has; once all lanes have finished.
  void AddTo(LoadResult& result) const {
    result.elapsed = std::max(result.elapsed, last_ - course_.begin);
    result.latencies.insert(result.latencies.end(), latencies_.begin(),
                            latencies_.end());
    for (const auto& [code, count] : counts_) result.counts[code] += count;
    for (const auto& [code, message] : messages_) {
      result.messages.emplace(code, message);
    }
  }

 private:
  bool TakeTurn() {
    return !course_.stop.load(std::memory_order_relaxed) &&
           course_.clock.Now() < course_.end &&
           course_.num_left.fetch_sub(1, std::memory_order_relaxed) > 0;
  }

  void Done(const absl::Status& status) {
    last_ = course_.clock.Now();
    if (status.ok()) latencies_.push_back(last_ - sent_);
    if (++counts_[status.code()] == 1) {
      messages_[status.code()] = std::string(status.message());
    }
    if (IsSecond()) Run();
  }

  // Of a request's two ends, that `send` returned and that the answer came, the
  // later one goes on. It sees what the earlier one has written.
  bool IsSecond() {
    return num_arrived_.fetch_add(1, std::memory_order_acq_rel) == 1;
  }

  // The last thing that a lane does with the course.
  void Leave() {
    MutexLock lock(course_.mutex);
    if (--course_.num_running == 0) course_.finished.NotifyAll();
  }

  const int index_;
  Course& course_;
  std::atomic<int> num_arrived_ = 0;
  TimePoint sent_;
  TimePoint last_;
  std::vector<Duration> latencies_;
  std::map<absl::StatusCode, int64_t> counts_;
  std::map<absl::StatusCode, std::string> messages_;
};

}  // namespace

LoadResult RunLoad(const LoadOptions& options, const Clock& clock,
                   const std::atomic<bool>& stop, const LoadSend& send) {
  Course course(options, clock, stop, send);
  std::deque<Lane> lanes;
  for (int i = 0; i < options.concurrency; ++i) lanes.emplace_back(i, course);
  for (Lane& lane : lanes) lane.Run();
  {
    MutexLock lock(course.mutex);
    while (course.num_running > 0) course.finished.Wait(course.mutex);
  }
  LoadResult result;
  for (const Lane& lane : lanes) lane.AddTo(result);
  return result;
}

}  // namespace weir
