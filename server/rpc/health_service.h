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

#include "grpc/health/v1/health.grpc.pb.h"
#include "server/pipeline/health_board.h"
#include "server/rpc/open_calls.h"

namespace weir {

class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  using Context = grpc::CallbackServerContext;
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;

  HealthService(HealthBoard& board, OpenCalls& calls)
      : board_(board), calls_(calls) {}

  grpc::ServerUnaryReactor* Check(Context* context, const Request* request,
                                  Response* response) override;
  grpc::ServerWriteReactor<Response>* Watch(Context* context,
                                            const Request* request) override;

 private:
  HealthBoard& board_;
  OpenCalls& calls_;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_HEALTH_SERVICE_H_
