// HealthService: gRPC's health protocol over a HealthBoard.
//
//   HealthService health(board);
//   builder.RegisterService(&health);
//   ...
//   board.Close();        // ends the watches: before gRPC's server stops
//
// The service "" is the server, and each model's name is one. gRPC's own health
// service remembers what it was told last; this one looks.
//
// Thread-safety: as gRPC calls it.
// Ownership: borrows the board, which outlives the server's last call.
// Failure: Check of a service that there is not is NOT_FOUND. A watch of it
// says SERVICE_UNKNOWN and goes on. A watcher that is slow to read is told the
// latest state alone; one that never reads is cut off when gRPC's server stops,
// with all calls that clients keep open.
#ifndef WEIR_SERVER_RPC_HEALTH_SERVICE_H_
#define WEIR_SERVER_RPC_HEALTH_SERVICE_H_

#include "absl/status/status.h"
#include "grpc/health/v1/health.pb.h"
#include "server/pipeline/health_board.h"
#include "server/rpc/open_calls.h"
#include "server/rpc/raw_service.h"

namespace weir {

class HealthService final : public RawService {
 public:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;

  HealthService(HealthBoard& board, OpenCalls& calls);

  absl::Status Check(const Request& request, Response& response) const;
  Stream* Watch(const Request& request) const;

 private:
  HealthBoard& board_;
  OpenCalls& calls_;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_HEALTH_SERVICE_H_
