// CallStatus: what a client is told where there are no outputs: a gRPC status,
// and when to come back.
//
//   const CallStatus told = CallStatusOf(status, answer.retry_after);
//   for (const auto& [key, value] : told.trailers) {
//     context.AddTrailingMetadata(key, value);
//   }
//   reactor.Finish(told.status);
//
// A full queue tells when there may be room, twice: in the trailer
// grpc-retry-pushback-ms, by which gRPC's own retries go, and as
// google.rpc.RetryInfo in the status' details. gRPC's own RESOURCE_EXHAUSTED,
// of a message that is too large, has neither: by that a client tells them
// apart.
//
// Thread-safety: a function of its arguments.
// Ownership: values.
// Failure: none. An error always has a message: load tools take one without for
// success.
#ifndef WEIR_SERVER_RPC_CALL_STATUS_H_
#define WEIR_SERVER_RPC_CALL_STATUS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"
#include "sync/clock.h"

namespace weir {

struct CallStatus {
  grpc::Status status;
  std::vector<std::pair<std::string, std::string>> trailers;
};

// REQUIRES: an error.
CallStatus CallStatusOf(const absl::Status& status,
                        std::optional<Duration> retry_after = std::nullopt);

}  // namespace weir

#endif  // WEIR_SERVER_RPC_CALL_STATUS_H_
