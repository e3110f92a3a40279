// ScriptedServer: real gRPC on a real socket, with answers that a test makes
// up.
//
//   ScriptedServer server;
//   server.infer = [](grpc::ServerContext& context, const auto& request,
//                     auto& response) { return grpc::Status(...); };
//   Client client = OrDie(Client::Connect(server.address()));
//
// Told nothing, it answers each input as the output of its name.
//
// Thread-safety: calls run on the server's threads; set `infer` before them.
// The rest by any thread.
// Ownership: ends the calls and the server when it goes.
// Failure: dies where it cannot listen.
#ifndef WEIR_TESTS_CLIENTS_CPP_SCRIPTED_SERVER_H_
#define WEIR_TESTS_CLIENTS_CPP_SCRIPTED_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "inference/grpc_service.grpc.pb.h"
#include "sync/check.h"
#include "sync/mutex.h"

namespace weir {

class ScriptedServer final : public inference::GRPCInferenceService::Service {
 public:
  using Infer = std::function<grpc::Status(grpc::ServerContext& context,
                                           const inference::ModelInferRequest&,
                                           inference::ModelInferResponse&)>;

  // An address such as unix:/path is not told again with a port.
  explicit ScriptedServer(const std::string& address = "127.0.0.1:0") {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    WEIR_CHECK(server_ != nullptr, "a test's server listens");
    address_ = address.starts_with("unix:") ? address
                                            : absl::StrCat("127.0.0.1:", port);
  }
  ~ScriptedServer() override { Stop(); }

  const std::string& address() const { return address_; }
  void Stop() { server_->Shutdown(gpr_now(GPR_CLOCK_MONOTONIC)); }

  Infer infer = [](grpc::ServerContext& context, const auto& request,
                   auto& response) {
    static_cast<void>(context);
    return Echo(request, response);
  };
  // The request that came last; an empty one before the first.
  inference::ModelInferRequest Last() {
    MutexLock lock(mutex_);
    return last_;
  }

  static grpc::Status Echo(const inference::ModelInferRequest& request,
                           inference::ModelInferResponse& response) {
    response.set_model_name(request.model_name());
    response.set_model_version("1");
    response.set_id(request.id());
    for (int i = 0; i < request.inputs_size(); ++i) {
      auto& output = *response.add_outputs();
      output.set_name(request.inputs(i).name());
      output.set_datatype(request.inputs(i).datatype());
      *output.mutable_shape() = request.inputs(i).shape();
      response.add_raw_output_contents(request.raw_input_contents(i));
    }
    return grpc::Status::OK;
  }

 private:
  grpc::Status ModelInfer(grpc::ServerContext* context,
                          const inference::ModelInferRequest* request,
                          inference::ModelInferResponse* response) override {
    {
      MutexLock lock(mutex_);
      last_ = *request;
    }
    return infer(*context, *request, *response);
  }
  grpc::Status ServerLive(grpc::ServerContext* context,
                          const inference::ServerLiveRequest* request,
                          inference::ServerLiveResponse* response) override {
    static_cast<void>(context);
    static_cast<void>(request);
    response->set_live(true);
    return grpc::Status::OK;
  }

  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  Mutex mutex_;
  inference::ModelInferRequest last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_TESTS_CLIENTS_CPP_SCRIPTED_SERVER_H_
