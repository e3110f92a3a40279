// ServerRig: a daemon over the scripted backend, and what it logs.
//
//   ServerRig rig;
//   rig.Script("m", "compute: affine");
//   ASSERT_TRUE(rig.Start().ok());
//   EXPECT_THAT(rig.Get("/readyz"), HasSubstr("200 OK"));
//
// Thread-safety: one thread, but for Get.
// Ownership: owns all of it; the server ends before the backend.
// Failure: dies where a test's own files cannot be made.
#ifndef WEIR_TESTS_SERVER_SERVER_RIG_H_
#define WEIR_TESTS_SERVER_SERVER_RIG_H_

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "backend/fake/fake_backend.h"
#include "config/listen_address.h"
#include "server/server.h"
#include "sync/simulated_clock.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/visitor.h"

namespace weir {

class ServerRig {
 public:
  ServerRig() {
    config.listen.grpc = {"127.0.0.1:0"};
    config.listen.http = {"127.0.0.1:0"};
    config.models.directory = folder_.path();
  }
  ~ServerRig() {
    server_.reset();
    if (log_ != nullptr) std::fclose(log_);
  }
  ServerRig(const ServerRig&) = delete;
  ServerRig& operator=(const ServerRig&) = delete;

  // A model that does what `options` says (backend/fake/fake_script.h).
  void Script(const std::string& name, const std::string& options) const {
    folder_.Write(name + "/model.yaml", "backend_options: {" + options + "}\n");
  }

  Server& Make() {
    log_ = std::fopen(log_path_.c_str(), "w");
    server_ = std::make_unique<Server>(
        Server::Options{
            .config = config, .began = clock.Now(), .log_file = log_},
        wrapped == nullptr ? backend : *wrapped, clock);
    return *server_;
  }
  // Until every model can answer.
  absl::Status Start() {
    absl::Status status = Make().Start();
    return status.ok() ? server_->AwaitReady() : status;
  }

  // The whole answer to GET.
  std::string Get(const std::string& path) const {
    const auto address = ListenAddress::Parse(server_->http_addresses()[0]);
    const Visitor visitor(address->bindings()[0]);
    visitor.Send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return visitor.ReadToEnd();
  }
  std::string ReadLog() const {
    std::stringstream text;
    text << std::ifstream(log_path_).rdbuf();
    return text.str();
  }
  Server& server() { return *server_; }

  SimulatedClock clock;
  FakeBackend backend{{}, clock};
  // One of a test's own, to be served instead.
  std::unique_ptr<Backend> wrapped;
  Config config;

 private:
  TemporaryFolder folder_;
  TemporaryFolder log_folder_;
  const std::string log_path_ = log_folder_.Write("log", "");
  std::FILE* log_ = nullptr;
  std::unique_ptr<Server> server_;
};

}  // namespace weir

#endif  // WEIR_TESTS_SERVER_SERVER_RIG_H_
