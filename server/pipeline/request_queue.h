// RequestQueue: the waiting requests of one model version, and which of them
// run together next.
//
//   QueuePlace place = queue.Add(std::move(request), arrival);
//   if (queue.Ready(now)) {
//     RequestQueue::Taken taken = queue.Take(now);
//     ...                                  // run taken.batch
//     queue.FreeKey(key);                  // of each request that ran
//   }
//
// Order: priority, then arrival. A batch starts with the first request and is
// filled from later ones with the same batch key, in order, within a bounded
// look-ahead; one that does not fit closes it, so that requests of a key never
// overtake each other.
//
// Ready: the first request's batch is full, or the oldest request has waited
// delay_max, or delays are off (draining).
//
// Exclusive keys: at most one request of a key is in line or running; the
// others are parked, counted all the same, and step into line in their order
// when it ends. So whatever stands in line may run.
//
// Thread-safety: none; the scheduler's mutex guards it.
// Ownership: owns its requests. Whoever takes one out owns the duty to answer.
// Failure: none.
#ifndef WEIR_SERVER_PIPELINE_REQUEST_QUEUE_H_
#define WEIR_SERVER_PIPELINE_REQUEST_QUEUE_H_

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "server/pipeline/request.h"
#include "sync/clock.h"

namespace weir {

struct BatchPolicy {
  int64_t rows_max = 0;  // 0: each request runs alone
  Duration delay_max{0};
  int look_ahead_max = 128;
};

// Where a request stands; ordered as they run.
struct QueuePlace {
  int priority = 0;
  uint64_t arrival = 0;
  auto operator<=>(const QueuePlace&) const = default;
};

class RequestQueue {
 public:
  struct Taken {
    std::vector<RequestPtr> batch;
    std::vector<RequestPtr> expired;  // met on the way; never started
    int64_t rows = 0;                 // of the batch
  };

  explicit RequestQueue(const BatchPolicy& policy) : policy_(policy) {}

  // `arrival` grows from call to call. REQUIRES: a priority within its bounds.
  QueuePlace Add(RequestPtr request, uint64_t arrival);

  // Takes one request out, whether in line or parked. REQUIRES: it is there.
  RequestPtr Remove(const QueuePlace& place);

  // The next batch. At most 2 x rows_max expired requests are taken with it.
  Taken Take(TimePoint now);

  // Frees an exclusive key whose request ran. Empty keys are ignored.
  void FreeKey(const std::string& key);

  std::vector<RequestPtr> TakeAll();

  // From now on nothing waits for company.
  void EndDelays() { delays_end_ = true; }

  bool Ready(TimePoint now) const { return ReadyAt() <= now; }
  // When the first batch is ready if nothing else arrives: kNever for an empty
  // queue, and the past for one that is ready already.
  TimePoint ReadyAt() const;

  // Where the first request in line stands. REQUIRES: there is one.
  QueuePlace FirstPlace() const;

  size_t size() const { return num_in_line_ + parked_.size(); }
  int64_t bytes() const { return bytes_; }

 private:
  using Level = std::map<uint64_t, RequestPtr>;
  struct KeyCount {
    int64_t rows = 0;
    int requests = 0;
  };

  void Enter(const QueuePlace& place, RequestPtr request);
  // Takes `position` out of line and returns its request.
  RequestPtr Leave(Level& level, Level::iterator& position);
  bool HasRoom(const Taken& taken) const;
  const Request* First() const;
  bool IsFull(const KeyCount& count) const {
    return count.rows >= policy_.rows_max || count.requests >= policy_.rows_max;
  }
  TimePoint OldestArrival() const;
  // Moves the request at `position`, or the position on; false: batch closed.
  bool Consider(Level& level, Level::iterator& position, TimePoint now,
                Taken& taken, int& looked_past);

  const BatchPolicy policy_;
  bool delays_end_ = false;
  std::array<Level, kPriorityLowest + 1> levels_;  // in line, by priority
  size_t num_in_line_ = 0;
  int64_t bytes_ = 0;
  std::map<QueuePlace, RequestPtr> parked_;
  // Exclusive keys in line or running, and who is parked behind them.
  absl::flat_hash_map<std::string, std::set<QueuePlace>> keys_;
  // What stands in line of each batch key.
  absl::flat_hash_map<std::string, KeyCount> count_by_key_;
};

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_REQUEST_QUEUE_H_
