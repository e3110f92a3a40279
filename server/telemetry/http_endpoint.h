// HttpEndpoint: /metrics, /healthz, /readyz and /status on sockets.
//
//   absl::StatusOr<std::vector<BoundSocket>> sockets = BindAll(addresses);
//   absl::StatusOr<std::unique_ptr<HttpEndpoint>> endpoint =
//       HttpEndpoint::Start(*std::move(sockets), {}, handlers);
//   for (const std::string& bound : (*endpoint)->addresses()) ...
//
// A few threads serve a connection each, one request a connection; others wait
// in the system's line. A request's head is at most 8 KiB and must be there in
// time, so nobody holds a thread for long. No header lets pages of others read
// an answer.
//
// A request names its host, by a loopback name or one of the addresses that
// the sockets are bound to; on a unix socket by any loopback name.
//
// Thread-safety: Start and the destructor by one owner; addresses() by any.
// Ownership: owns its threads and sockets; the destructor ends and joins them.
// What the handlers use outlives it.
// Failure: RESOURCE_EXHAUSTED where the system has no descriptor left.
#ifndef WEIR_SERVER_TELEMETRY_HTTP_ENDPOINT_H_
#define WEIR_SERVER_TELEMETRY_HTTP_ENDPOINT_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/descriptor.h"
#include "server/listen/bound_socket.h"
#include "server/telemetry/http_connection.h"
#include "server/telemetry/http_routes.h"
#include "sync/clock.h"
#include "sync/thread.h"

namespace weir {

class HttpEndpoint {
 public:
  struct Options {
    // Names beside those of the addresses that a Host header may hold.
    std::vector<std::string> host_names = {};
    // How long a request's head may take to arrive, and then its answer to be
    // read.
    std::chrono::milliseconds head_time_max = std::chrono::seconds(5);
    int num_threads = 4;
  };

  // REQUIRES: a socket and a thread at least.
  static absl::StatusOr<std::unique_ptr<HttpEndpoint>> Start(
      std::vector<BoundSocket> sockets, const Options& options,
      HttpHandlers handlers);
  ~HttpEndpoint();
  HttpEndpoint(const HttpEndpoint&) = delete;
  HttpEndpoint& operator=(const HttpEndpoint&) = delete;

  // Where it listens, in the order of the sockets, with the real ports.
  const std::vector<std::string>& addresses() const { return addresses_; }

 private:
  HttpEndpoint(std::vector<BoundSocket> sockets, const Options& options,
               HttpHandlers handlers, DescriptorPair stop);

  void Loop();
  void Serve(const HttpConnection& connection) const;
  // What to answer to what the connection sends; nothing: nobody is there.
  std::optional<HttpReply> ReadRequest(const HttpConnection& connection,
                                       bool& wants_body) const;
  void Send(const HttpConnection& connection, const std::string& bytes) const;
  // AwaitAny, which ends as soon as the endpoint is to.
  bool Await(const std::vector<int>& descriptors, short events,
             TimePoint deadline) const;

  const Options options_;
  const std::vector<BoundSocket> sockets_;
  const std::vector<std::string> addresses_;
  const HttpRoutes routes_;
  DescriptorPair stop_;          // readable once its other end is closed
  std::vector<Thread> threads_;  // last: they use all of the above
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_HTTP_ENDPOINT_H_
