#include "server/pipeline/request_queue.h"

#include <algorithm>
#include <utility>

#include "sync/check.h"

namespace weir {

QueuePlace RequestQueue::Add(RequestPtr request, uint64_t arrival) {
  WEIR_CHECK(request->priority >= kPriorityHighest &&
                 request->priority <= kPriorityLowest,
             "a priority lies within its bounds");
  const QueuePlace place{request->priority, arrival};
  bytes_ += request->bytes;
  if (!request->exclusive_key.empty()) {
    auto [key, is_new] = keys_.try_emplace(request->exclusive_key);
    if (!is_new) {
      key->second.insert(place);
      parked_.emplace(place, std::move(request));
      return place;
    }
  }
  Enter(place, std::move(request));
  return place;
}

void RequestQueue::Enter(const QueuePlace& place, RequestPtr request) {
  if (policy_.rows_max > 0) {
    KeyCount& count = count_by_key_[request->batch_key];
    count.rows += request->rows;
    ++count.requests;
  }
  levels_[static_cast<size_t>(place.priority)].emplace(place.arrival,
                                                       std::move(request));
  ++num_in_line_;
}

RequestPtr RequestQueue::Leave(Level& level, Level::iterator& position) {
  RequestPtr request = std::move(position->second);
  position = level.erase(position);
  --num_in_line_;
  bytes_ -= request->bytes;
  if (policy_.rows_max > 0) {
    const auto count = count_by_key_.find(request->batch_key);
    count->second.rows -= request->rows;
    if (--count->second.requests == 0) count_by_key_.erase(count);
  }
  return request;
}

RequestPtr RequestQueue::Remove(const QueuePlace& place) {
  Level& level = levels_[static_cast<size_t>(place.priority)];
  if (auto position = level.find(place.arrival); position != level.end()) {
    RequestPtr request = Leave(level, position);
    FreeKey(request->exclusive_key);
    return request;
  }
  const auto parked = parked_.find(place);
  WEIR_CHECK(parked != parked_.end(), "a queued request has one owner");
  RequestPtr request = std::move(parked->second);
  parked_.erase(parked);
  keys_.at(request->exclusive_key).erase(place);
  bytes_ -= request->bytes;
  return request;
}

void RequestQueue::FreeKey(const std::string& key) {
  if (key.empty()) return;
  const auto line = keys_.find(key);
  WEIR_CHECK(line != keys_.end(), "an exclusive key is freed once");
  if (line->second.empty()) {
    keys_.erase(line);
    return;
  }
  const QueuePlace next = *line->second.begin();
  line->second.erase(line->second.begin());
  Enter(next, std::move(parked_.extract(next).mapped()));
}

RequestQueue::Taken RequestQueue::Take(TimePoint now) {
  Taken taken;
  int looked_past = 0;
  for (Level& level : levels_) {
    auto position = level.begin();
    while (position != level.end()) {
      if (!Consider(level, position, now, taken, looked_past)) {
        position = level.end();
        looked_past = policy_.look_ahead_max + 1;
      }
    }
    if (looked_past > policy_.look_ahead_max) break;
  }
  for (const RequestPtr& request : taken.expired) {
    FreeKey(request->exclusive_key);
  }
  return taken;
}

// A request without rows takes a place all the same, so that no batch grows
// without bound.
bool RequestQueue::HasRoom(const Taken& taken) const {
  return taken.rows < policy_.rows_max &&
         static_cast<int64_t>(taken.batch.size()) < policy_.rows_max;
}

bool RequestQueue::Consider(Level& level, Level::iterator& position,
                            TimePoint now, Taken& taken, int& looked_past) {
  const Request& request = *position->second;
  if (request.deadline <= now) {
    const auto expired_max =
        2 * static_cast<size_t>(std::max<int64_t>(policy_.rows_max, 1));
    if (taken.expired.size() < expired_max) {
      taken.expired.push_back(Leave(level, position));
      return true;
    }
  } else if (taken.batch.empty()) {
    taken.rows = request.rows;
    taken.batch.push_back(Leave(level, position));
    return HasRoom(taken);
  } else if (request.batch_key == taken.batch.front()->batch_key) {
    if (taken.rows + request.rows > policy_.rows_max) return false;
    taken.rows += request.rows;
    taken.batch.push_back(Leave(level, position));
    return HasRoom(taken);
  }
  ++position;
  // Without a first request yet there is nothing to run: look on.
  return taken.batch.empty() || ++looked_past <= policy_.look_ahead_max;
}

std::vector<RequestPtr> RequestQueue::TakeAll() {
  std::vector<RequestPtr> all;
  // The parked first: no one steps into line behind those that leave it.
  for (auto& [place, request] : parked_) {
    keys_.at(request->exclusive_key).clear();
    bytes_ -= request->bytes;
    all.push_back(std::move(request));
  }
  parked_.clear();
  for (Level& level : levels_) {
    for (auto position = level.begin(); position != level.end();) {
      all.push_back(Leave(level, position));
      FreeKey(all.back()->exclusive_key);
    }
  }
  return all;
}

const Request* RequestQueue::First() const {
  for (const Level& level : levels_) {
    if (!level.empty()) return level.begin()->second.get();
  }
  return nullptr;
}

QueuePlace RequestQueue::FirstPlace() const {
  for (size_t priority = 0; priority < levels_.size(); ++priority) {
    if (levels_[priority].empty()) continue;
    return {static_cast<int>(priority), levels_[priority].begin()->first};
  }
  WEIR_CHECK(num_in_line_ > 0, "an empty line has no first request");
  return {};
}

TimePoint RequestQueue::OldestArrival() const {
  TimePoint oldest = kNever;
  for (const Level& level : levels_) {
    if (level.empty()) continue;
    oldest = std::min(oldest, level.begin()->second->arrived);
  }
  return oldest;
}

TimePoint RequestQueue::ReadyAt() const {
  const Request* first = First();
  if (first == nullptr) return kNever;
  const bool waits = policy_.rows_max > 1 && !delays_end_ &&
                     policy_.delay_max > Duration::zero() &&
                     !IsFull(count_by_key_.at(first->batch_key));
  return waits ? SaturatingAdd(OldestArrival(), policy_.delay_max)
               : OldestArrival();
}

}  // namespace weir
