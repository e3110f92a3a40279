// InferReactor: one ModelInfer call, from its message to its answer.
//
//   auto* reactor = new InferReactor(context, response, edge);
//   reactor->Start(*message);
//   return reactor;   // it deletes itself when gRPC is done with it
//
// Decodes, hands the request to Admission, and is answered by the request's
// completion, on whatever thread that comes. gRPC's threads never wait here.
//
// Thread-safety: as gRPC calls it; Reply may come before Start returns, and the
// client may go away at any time.
// Ownership: deletes itself in OnDone, which comes after Finish. The message's
// memory belongs to a holder that the request's tensors share: gRPC's own
// reference ends with the call, a stuck run's does not.
// Failure: every call is finished once, with outputs or a status that has a
// message, and counted once, in the series of the version it was for. What
// names no version that is there, or cannot be read, counts as of no model.
//
// A client that goes away is counted by how far its request was: in the queue,
// where the scheduler takes it out, or not even there; in its run, whose answer
// nobody gets; or with its answer made and not yet sent. A deadline that passes
// looks the same to gRPC, unless the server's own comes first.
#ifndef WEIR_SERVER_RPC_INFER_REACTOR_H_
#define WEIR_SERVER_RPC_INFER_REACTOR_H_

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "config/config.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/pipeline/admission.h"
#include "server/pipeline/completion.h"
#include "server/pipeline/model_version.h"
#include "server/rpc/open_calls.h"
#include "server/rpc/wire/infer_call.h"
#include "server/telemetry/metrics.h"
#include "sync/clock.h"

namespace weir {

// What all calls have in common. Everything borrowed outlives the calls.
struct InferEdge {
  Admission& admission;
  AnswerLedger& ledger;
  const LimitsConfig& limits;
  const Clock& clock;
  const ProcessSeries& series;
  OpenCalls& calls;
};

class InferReactor final : public grpc::ServerUnaryReactor {
 public:
  InferReactor(grpc::CallbackServerContext& context, grpc::ByteBuffer& response,
               const InferEdge& edge);

  // REQUIRES: called once.
  void Start(const grpc::ByteBuffer& message);

 private:
  void OnCancel() override;
  void OnDone() override { delete this; }

  void Submit(InferCall call, std::shared_ptr<MessageHolder> holder);
  void Reply(Answer answer);
  // Of a request that ran: what its client is told, the message included.
  absl::Status AnswerRun(const Answer& answer);
  absl::Status Encode(const Outputs& outputs, const ModelVersion& model);
  const RequestSeries& SeriesOf(const Answer& answer) const;
  void Count(const Answer& answer, absl::StatusCode code,
             TimePoint answered) const;
  void FinishWith(const absl::Status& status,
                  std::optional<Duration> retry_after);
  TimePoint DeadlineOf(const InferCall& call) const;

  grpc::CallbackServerContext& context_;
  grpc::ByteBuffer& response_;
  const InferEdge& edge_;
  const OpenCalls::Call open_;
  // Drawn at once, for the client may go away before the request is made.
  const Ticket ticket_;
  const TimePoint started_;
  TimePoint decoded_;
  // Whether the client went away first, or the run's answer was made first. An
  // atomic alone: it publishes nothing but itself.
  enum class Race { kOpen, kGone, kAnswered };
  std::atomic<Race> race_ = Race::kOpen;
  // Of the call, for its answer.
  std::string model_name_;
  std::string id_;
  std::vector<std::string> requested_;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_INFER_REACTOR_H_
