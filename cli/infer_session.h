// InferSession: a server that was asked what its model takes, and the request
// for it, ready to be sent.
//
//   const auto session = InferSession::Open(plan, json, code);
//   if (!session.ok()) return code;
//   session->client.Infer(session->request);
//
// Thread-safety: main's thread; the client's is its own.
// Ownership: owns the connection.
// Failure: an error that was told already, on standard error, or as JSON where
// that was asked for; `code` is what to end with.
#ifndef WEIR_CLI_INFER_SESSION_H_
#define WEIR_CLI_INFER_SESSION_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/exit_code.h"
#include "cli/infer_plan.h"
#include "clients/cpp/client.h"

namespace weir {

struct InferSession {
  Client client;
  InferRequest request;

  // Says on standard error which inputs it filled itself.
  static absl::StatusOr<InferSession> Open(const InferPlan& plan, bool json,
                                           ExitCode& code);
};

// What all clients of a plan are made with.
ClientOptions InferOptions(const InferPlan& plan);

// Tells what the server, or the way to it, answered; gives kExitFailed.
ExitCode TellFailure(const absl::Status& status, const Client& client,
                     const InferPlan& plan, bool json);

}  // namespace weir

#endif  // WEIR_CLI_INFER_SESSION_H_
