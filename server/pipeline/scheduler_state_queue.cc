// SchedulerState's queues: who gets in, and who leaves without a run.
#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "server/pipeline/scheduler_state.h"
#include "sync/check.h"

namespace weir {
namespace {

constexpr Duration kRetryMin = std::chrono::milliseconds(10);
constexpr Duration kRetryMax = std::chrono::seconds(10);
constexpr Duration kWaitMax = std::chrono::hours(24);

int64_t Milliseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration)
      .count();
}

}  // namespace

std::optional<Answer> SchedulerState::Submit(RequestPtr& request, VersionId id,
                                             TimePoint now) {
  Version& version = At(id);
  ModelEntry& model = ModelOf(version);
  if (std::optional<Answer> why = WhyRefused(*request, version, model, now)) {
    return why;
  }
  AdvanceTo(now);
  request->arrived = now;
  request->completion.Accept();
  ++num_queued_;
  ++model.num_queued;
  model.bytes_queued += request->bytes;
  const Ticket ticket = request->ticket;
  const TimePoint deadline = request->deadline;
  const QueuePlace queue =
      version.queue.Add(std::move(request), ++last_arrival_);
  const bool is_new = places_.emplace(ticket, Place{id, queue}).second;
  WEIR_CHECK(is_new, "a ticket is used once");
  if (deadline != kNever) deadlines_.emplace(deadline, ticket);
  Refresh(model, now);
  Rebalance();
  return std::nullopt;
}

std::optional<Answer> SchedulerState::WhyRefused(const Request& request,
                                                 const Version& version,
                                                 const ModelEntry& model,
                                                 TimePoint now) const {
  if (draining_ || closed_) {
    return Refuse(absl::UnavailableError("the server is shutting down"),
                  Refusal::kDraining);
  }
  if (std::optional<Answer> why = WhyUnable(model, version)) return why;
  if (request.deadline <= now) {
    return Refuse(absl::DeadlineExceededError(
                      "the deadline had passed before the request was queued"),
                  Refusal::kExpired);
  }
  const VersionSpec& spec = Newest(model);
  if (model.num_queued >= spec.requests_max) {
    return Overload(model, Refusal::kModelRequests, "queue", model.num_queued,
                    spec.requests_max);
  }
  if (request.bytes > spec.bytes_max) {
    return Refuse(absl::ResourceExhaustedError(absl::StrCat(
                      "request larger than its queue (", request.bytes, " of ",
                      spec.bytes_max, " bytes)")),
                  Refusal::kModelBytes);
  }
  if (request.bytes > spec.bytes_max - model.bytes_queued) {
    return Overload(model, Refusal::kModelBytes, "queue bytes",
                    model.bytes_queued, spec.bytes_max);
  }
  if (num_queued_ >= total_requests_max_) {
    return Overload(model, Refusal::kTotalRequests, "server queue", num_queued_,
                    total_requests_max_);
  }
  return std::nullopt;
}

Answer SchedulerState::Overload(const ModelEntry& model, Refusal refusal,
                                const std::string& what, int64_t have,
                                int64_t most) const {
  const Duration retry_after = RetryAfter(model);
  Answer answer =
      Refuse(absl::Status(overload_code_,
                          absl::StrCat(what, " full (", have, " of ", most,
                                       "), retry after ",
                                       Milliseconds(retry_after), " ms")),
             refusal);
  answer.retry_after = retry_after;
  return answer;
}

Duration SchedulerState::RetryAfter(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? kRetryMin
                               : RetryAfter(models_.at(found->second));
}

Duration SchedulerState::EstimatedWait(const ModelEntry& model) const {
  const BatchPolicy& batch = Newest(model).batch;
  const int64_t rows = std::max<int64_t>(batch.rows_max, 1);
  const int64_t runs = (model.num_queued + rows - 1) / rows;
  double rate = 0;  // runs a second over all devices
  for (const auto& [device, flow] : model.flows) {
    const double seconds = flow.estimate.Seconds(rows);
    if (seconds > 0) rate += CapOf(model, device) / seconds;
  }
  if (rate <= 0) return Duration::zero();
  // More than that is as bad, and would not fit into a Duration.
  const double seconds =
      std::min(static_cast<double>(runs) / rate, ToSeconds(kWaitMax));
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(seconds));
}

// About the time in which half of what waits will have run.
Duration SchedulerState::RetryAfter(const ModelEntry& model) const {
  return std::clamp(EstimatedWait(model) / 2, kRetryMin, kRetryMax);
}

void SchedulerState::Forget(const Request& request, ModelEntry& model) {
  --num_queued_;
  --model.num_queued;
  model.bytes_queued -= request.bytes;
  if (request.deadline != kNever) {
    deadlines_.erase({request.deadline, request.ticket});
  }
}

PendingAnswer SchedulerState::TakeOut(const Place& place, Ticket ticket,
                                      Refusal refusal, TimePoint now) {
  Version& version = At(place.version);
  RequestPtr request = version.queue.Remove(place.queue);
  Forget(*request, ModelOf(version));
  places_.erase(ticket);
  return LeftInQueue(std::move(request), refusal, now);
}

PendingAnswers SchedulerState::Expire(TimePoint now) {
  PendingAnswers answers;
  std::set<FlowId> touched;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const Ticket ticket = deadlines_.begin()->second;
    const Place place = places_.at(ticket);
    ModelEntry& model = ModelOf(At(place.version));
    touched.insert(model.id);
    answers.push_back(TakeOut(place, ticket, Refusal::kExpired, now));
  }
  for (const FlowId id : touched) Refresh(models_.at(id), now);
  AdvanceTo(now);
  Rebalance();
  return answers;
}

std::optional<PendingAnswer> SchedulerState::Cancel(Ticket ticket,
                                                    TimePoint now) {
  const auto found = places_.find(ticket);
  if (found == places_.end()) return std::nullopt;
  const Place place = found->second;
  if (place.run != 0) {
    Run& run = runs_.At(place.run);
    places_.erase(found);
    if (++run.num_cancelled == run.completions.size()) {
      run.stop->store(true, std::memory_order_relaxed);
    }
    return std::nullopt;
  }
  ModelEntry& model = ModelOf(At(place.version));
  PendingAnswer answer = TakeOut(place, ticket, Refusal::kCancelled, now);
  Refresh(model, now);
  Rebalance();
  return answer;
}

}  // namespace weir
