// A bare gRPC server that answers ModelInfer with the tensor that it was sent:
// a typed callback, and nothing else. It is what weir's cost of a request is
// measured against (tests/bench/echo_ratio.py).
//
// Prints where it listens, and serves until its standard input ends.
#include <cstdio>
#include <memory>

#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "inference/grpc_service.grpc.pb.h"
#include "server/malloc_thresholds.h"

namespace {

using inference::ModelInferRequest;
using inference::ModelInferResponse;

class EchoService final
    : public inference::GRPCInferenceService::CallbackService {
  grpc::ServerUnaryReactor* ModelInfer(grpc::CallbackServerContext* context,
                                       const ModelInferRequest* request,
                                       ModelInferResponse* response) override {
    response->set_model_name(request->model_name());
    response->set_model_version("1");
    const auto& input = request->inputs(0);
    auto& output = *response->add_outputs();
    output.set_name(input.name());
    output.set_datatype(input.datatype());
    *output.mutable_shape() = input.shape();
    response->add_raw_output_contents(request->raw_input_contents(0));
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
};

}  // namespace

int main() {
  weir::RaiseMallocThresholds();
  EchoService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.SetMaxReceiveMessageSize(64 << 20);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::printf("%d\n", port);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  server->Shutdown();
  return 0;
}
