#include "server/rpc/infer_reactor.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpc/support/time.h"
#include "grpcpp/server_context.h"
#include "server/rpc/call_status.h"
#include "server/rpc/received_message.h"
#include "server/rpc/requested_version.h"
#include "server/rpc/wire/infer_answer.h"

namespace weir {
namespace {

// The piece's memory as gRPC's, which lets go of its owner once it was sent.
grpc::Slice SliceOf(WirePiece piece) {
  using Owner = std::shared_ptr<const void>;
  const size_t size = piece.bytes.size;
  // gRPC does not write to what it sends.
  void* data = const_cast<void*>(piece.bytes.data);
  auto owner = std::make_unique<Owner>(std::move(piece.owner));
  return grpc::Slice(
      data, size, [](void* held) { delete static_cast<Owner*>(held); },
      owner.release());
}

// How far off gRPC's deadline is; one in centuries is none.
Duration TimeLeft(gpr_timespec deadline) {
  constexpr int64_t kSecondsMax = int64_t{100} * 365 * 24 * 3600;
  const gpr_timespec left =
      gpr_time_sub(gpr_convert_clock_type(deadline, GPR_CLOCK_MONOTONIC),
                   gpr_now(GPR_CLOCK_MONOTONIC));
  if (left.tv_sec > kSecondsMax) return Duration::max();
  if (left.tv_sec < 0) return Duration::zero();
  return std::chrono::seconds(left.tv_sec) +
         std::chrono::nanoseconds(left.tv_nsec);
}

Answer Invalid(absl::Status why) {
  return Refuse(std::move(why), Refusal::kInvalid);
}

double Seconds(TimePoint from, TimePoint to) { return ToSeconds(to - from); }

}  // namespace

InferReactor::InferReactor(grpc::CallbackServerContext& context,
                           grpc::ByteBuffer& response, const InferEdge& edge)
    : context_(context),
      response_(response),
      edge_(edge),
      open_(edge.calls),
      ticket_(edge.admission.NewTicket()),
      started_(edge.clock.Now()),
      decoded_(started_) {}

void InferReactor::Start(const grpc::ByteBuffer& message) {
  if (!message.Valid()) {
    Reply(Refuse(absl::CancelledError("the call ended before its message came"),
                 Refusal::kCancelled));
    return;
  }
  absl::StatusOr<std::shared_ptr<ReceivedMessage>> received =
      ReceivedMessage::Read(message, edge_.limits.message_bytes_max);
  if (!received.ok()) {
    Reply(Invalid(std::move(received).status()));
    return;
  }
  absl::StatusOr<InferCall> call =
      DecodeInferCall((*received)->chunks(), *received, edge_.limits);
  decoded_ = edge_.clock.Now();
  if (!call.ok()) {
    Reply(Invalid(std::move(call).status()));
    return;
  }
  call->bytes += (*received)->bytes_beside();
  Submit(*std::move(call), *std::move(received));
}

void InferReactor::Submit(InferCall call,
                          std::shared_ptr<MessageHolder> holder) {
  const absl::StatusOr<int64_t> version = RequestedVersion(call.model_version);
  if (!version.ok()) {
    Reply(Invalid(version.status()));
    return;
  }
  model_name_ = call.model_name;
  id_ = std::move(call.id);
  requested_ = std::move(call.outputs);
  auto request = std::make_unique<Request>(Completion(
      edge_.ledger, [this](Answer answer) { Reply(std::move(answer)); }));
  request->ticket = ticket_;
  request->deadline = DeadlineOf(call);
  request->inputs = std::move(call.inputs);
  request->message = std::move(holder);
  request->bytes = call.bytes;
  request->priority = call.priority;
  request->parameters = std::move(call.parameters);
  // Once it was submitted it may be answered, and this be gone. OnCancel is not
  // called before this returns.
  edge_.admission.Submit(call.model_name, *version, std::move(request));
}

TimePoint InferReactor::DeadlineOf(const InferCall& call) const {
  TimePoint deadline =
      SaturatingAdd(decoded_, TimeLeft(context_.raw_deadline()));
  if (call.timeout.has_value()) {
    deadline = std::min(deadline, SaturatingAdd(decoded_, *call.timeout));
  }
  return deadline;
}

void InferReactor::OnCancel() {
  const Race before = race_.exchange(Race::kGone, std::memory_order_relaxed);
  if (before == Race::kAnswered) {
    edge_.series.cancelled_sending->Increment();
  } else {
    edge_.admission.Cancel(ticket_);
  }
}

void InferReactor::Reply(Answer answer) {
  const TimePoint answered = edge_.clock.Now();
  const absl::Status status = answer.refusal == Refusal::kNone
                                  ? AnswerRun(answer)
                                  : std::move(answer.outputs).status();
  Count(answer, status.code(), answered);
  FinishWith(status, answer.retry_after);
}

absl::Status InferReactor::AnswerRun(const Answer& answer) {
  Race expected = Race::kOpen;
  if (!race_.compare_exchange_strong(expected, Race::kAnswered,
                                     std::memory_order_relaxed)) {
    edge_.series.cancelled_running->Increment();
    return absl::CancelledError("the client went away");
  }
  return answer.outputs.ok() ? Encode(*answer.outputs, *answer.model)
                             : answer.outputs.status();
}

absl::Status InferReactor::Encode(const Outputs& outputs,
                                  const ModelVersion& model) {
  const std::string version = absl::StrCat(model.version());
  absl::StatusOr<std::vector<WirePiece>> pieces =
      EncodeInferAnswer({.model_name = model_name_,
                         .model_version = version,
                         .id = id_,
                         .outputs = outputs,
                         .requested = requested_});
  if (!pieces.ok()) return std::move(pieces).status();
  std::vector<grpc::Slice> slices;
  slices.reserve(pieces->size());
  for (WirePiece& piece : *pieces) slices.push_back(SliceOf(std::move(piece)));
  response_ = grpc::ByteBuffer(slices.data(), slices.size());
  return absl::OkStatus();
}

const RequestSeries& InferReactor::SeriesOf(const Answer& answer) const {
  if (answer.model == nullptr) return *edge_.series.unknown_model;
  return answer.model->series();
}

void InferReactor::Count(const Answer& answer, absl::StatusCode code,
                         TimePoint answered) const {
  const RequestSeries& series = SeriesOf(answer);
  const TimePoint now = edge_.clock.Now();
  CountRequest(series, code);
  series.request_seconds->Observe(Seconds(started_, now));
  series.decode_seconds->Observe(Seconds(started_, decoded_));
  if (code == absl::StatusCode::kOk) {
    series.encode_seconds->Observe(Seconds(answered, now));
    answer.model->statistics().CountAnswered({.rows = answer.rows,
                                              .times = answer.times,
                                              .encode = now - answered,
                                              .whole = now - started_,
                                              .at = now});
  } else if (answer.model != nullptr) {
    answer.model->statistics().CountFailed(now - started_);
  }
  if (answer.refusal == Refusal::kNone) return;
  series.refused[static_cast<size_t>(answer.refusal)]->Increment();
  if (answer.refusal == Refusal::kCancelled) {
    edge_.series.cancelled_queued->Increment();
  }
}

void InferReactor::FinishWith(const absl::Status& status,
                              std::optional<Duration> retry_after) {
  if (status.ok()) {
    Finish(grpc::Status::OK);
    return;
  }
  const CallStatus told = CallStatusOf(status, retry_after);
  for (const auto& [key, value] : told.trailers) {
    context_.AddTrailingMetadata(key, value);
  }
  Finish(told.status);
}

}  // namespace weir
