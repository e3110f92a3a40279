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
// message.
#ifndef WEIR_SERVER_RPC_INFER_REACTOR_H_
#define WEIR_SERVER_RPC_INFER_REACTOR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "config/config.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "server/pipeline/admission.h"
#include "server/pipeline/completion.h"
#include "server/rpc/wire/infer_call.h"
#include "sync/clock.h"

namespace weir {

// What all calls have in common. Everything borrowed outlives the calls.
struct InferEdge {
  Admission& admission;
  AnswerLedger& ledger;
  const LimitsConfig& limits;
  const Clock& clock;
};

class InferReactor final : public grpc::ServerUnaryReactor {
 public:
  InferReactor(grpc::CallbackServerContext& context, grpc::ByteBuffer& response,
               const InferEdge& edge);

  // REQUIRES: called once.
  void Start(const grpc::ByteBuffer& message);

 private:
  void OnCancel() override { edge_.admission.Cancel(ticket_); }
  void OnDone() override { delete this; }

  void Submit(InferCall call, std::shared_ptr<MessageHolder> holder);
  void Reply(Answer answer);
  void Refuse(const absl::Status& status,
              std::optional<Duration> retry_after = std::nullopt);
  TimePoint DeadlineOf(const InferCall& call) const;

  grpc::CallbackServerContext& context_;
  grpc::ByteBuffer& response_;
  const InferEdge& edge_;
  // Drawn at once, for the client may go away before the request is made.
  const Ticket ticket_;
  // Of the call, for its answer.
  std::string model_name_;
  std::string id_;
  std::vector<std::string> requested_;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_INFER_REACTOR_H_
