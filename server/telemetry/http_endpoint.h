// HttpEndpoint: /metrics, /healthz, /readyz and /status on sockets.
//
//   absl::StatusOr<std::unique_ptr<HttpEndpoint>> endpoint =
//       HttpEndpoint::Start({.addresses = {"localhost:8002"}}, handlers);
//   for (const HttpAddress& bound : (*endpoint)->addresses()) ...
//
// A few threads serve a connection each, one request a connection; others wait
// in the system's short line. A request's head is at most 8 KiB and must be
// there in time, so nobody holds a thread for long. No header lets pages of
// others read an answer.
//
// Port 0 is a free one, the same for both addresses of localhost; addresses()
// tells it.
//
// Thread-safety: Start and the destructor by one owner; addresses() by any.
// Ownership: owns its threads and sockets; the destructor ends and joins them.
// What the handlers use outlives it.
// Failure: an address that cannot be had is a Status that names it.
#ifndef WEIR_SERVER_TELEMETRY_HTTP_ENDPOINT_H_
#define WEIR_SERVER_TELEMETRY_HTTP_ENDPOINT_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/telemetry/http_address.h"
#include "server/telemetry/http_routes.h"
#include "server/telemetry/http_socket.h"
#include "sync/thread.h"

namespace weir {

class HttpEndpoint {
 public:
  struct Options {
    std::vector<std::string> addresses = {"localhost:8002"};
    // Names beside those of the addresses that a Host header may hold.
    std::vector<std::string> host_names = {};
    // How long a request's head may take to arrive, and then its answer to be
    // read.
    std::chrono::milliseconds head_time_max = std::chrono::seconds(5);
    int num_threads = 4;
  };

  static absl::StatusOr<std::unique_ptr<HttpEndpoint>> Start(
      const Options& options, HttpHandlers handlers);
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  // Where it listens, in the order of the options, with the real ports.
  const std::vector<HttpAddress>& addresses() const { return addresses_; }

 private:
  HttpEndpoint(const Options& options, HttpHandlers handlers,
               std::vector<HttpAddress> addresses,
               std::vector<HttpSocket> listeners,
               std::pair<HttpSocket, HttpSocket> stop);

  void Loop();
  void Serve(const HttpSocket& connection) const;
  // What to answer to what the connection sends; nothing: nobody is there.
  std::optional<HttpReply> ReadRequest(const HttpSocket& connection,
                                       bool& wants_body) const;
  void Send(const HttpSocket& connection, const std::string& bytes) const;

  const Options options_;
  const std::vector<HttpAddress> addresses_;
  const HttpRoutes routes_;
  const std::vector<HttpSocket> listeners_;
  HttpSocket stop_;  // ready once stop_end_ is closed
  HttpSocket stop_end_;
  std::vector<Thread> threads_;
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_HTTP_ENDPOINT_H_
