// HttpEndpoint: /metrics, /healthz, /readyz and /status on sockets.
//
//   absl::StatusOr<std::vector<BoundSocket>> sockets = BindAll(addresses);
//   absl::StatusOr<std::unique_ptr<HttpEndpoint>> endpoint =
//       HttpEndpoint::Start(*std::move(sockets), {}, handlers);
//   for (const std::string& bound : (*endpoint)->addresses()) ...
//
// One thread serves all connections, and waits for none of them: it polls,
// takes what has come and sends what fits. A connection is one request, whose
// head is at most 8 KiB; the head must have come in time, and the answer must
// then be read in time. Of more connections than there may be, or more bytes of
// answers that nobody has read, the one that has waited longest is closed: a
// newcomer is always heard. No header lets pages of others read an answer.
//
// A request names its host, by a loopback name or one of the addresses that
// the sockets are bound to; on a unix socket by any loopback name.
//
// Thread-safety: Start and the destructor by one owner; addresses() by any.
// Ownership: owns its thread and sockets; the destructor ends every connection
// and joins. What the handlers use outlives it; while one of them runs, nobody
// else is answered.
// Failure: RESOURCE_EXHAUSTED where the system has no descriptor left.
#ifndef WEIR_SERVER_TELEMETRY_HTTP_ENDPOINT_H_
#define WEIR_SERVER_TELEMETRY_HTTP_ENDPOINT_H_

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/descriptor.h"
#include "server/listen/bound_socket.h"
#include "server/telemetry/http_exchange.h"
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
    // Connections that may be open at a time.
    size_t connections_max = 64;
    // Bytes of answers that are held for clients that have not read them; a
    // larger answer is sent to nobody.
    size_t answer_bytes_max = size_t{64} << 20;
  };

  // REQUIRES: a socket, and room for a connection.
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

  using Exchanges = std::list<HttpExchange>;

  void Loop();
  // Waits for whatever comes next; false: it is the end.
  bool Await(std::vector<pollfd>& watched) const;
  std::vector<pollfd> Watched() const;
  // Goes on with those of whom `watched` says that something has come.
  void AdvanceAll(const std::vector<pollfd>& watched, TimePoint now);
  void TakeNewcomers(TimePoint now);
  void Advance(Exchanges::iterator exchange, TimePoint now);

  const Options options_;
  const std::vector<BoundSocket> sockets_;
  const std::vector<std::string> addresses_;
  const HttpRoutes routes_;
  DescriptorPair stop_;  // readable once its other end is closed
  // The thread's own: the connections, in the order in which they came, and
  // when more of them are taken again; kNever where nothing is in the way.
  Exchanges exchanges_;
  TimePoint pause_end_ = kNever;
  Thread thread_;  // last: it uses all of the above
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_HTTP_ENDPOINT_H_
