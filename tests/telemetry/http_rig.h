// HttpRig: an endpoint of made-up answers, and what it says to some bytes.
//
//   const auto endpoint = StartHttp("127.0.0.1:0");
//   ExchangeAt((*endpoint)->addresses()[0], "GET /healthz HTTP/1.1\r\n...");
//
// Thread-safety: any number of threads.
// Ownership: values.
// Failure: an empty text where nothing is said.
#ifndef WEIR_TESTS_TELEMETRY_HTTP_RIG_H_
#define WEIR_TESTS_TELEMETRY_HTTP_RIG_H_

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "config/listen_address.h"
#include "server/listen/bound_socket.h"
#include "server/telemetry/http_endpoint.h"
#include "tests/support/visitor.h"

namespace weir {

inline constexpr char kHealthRequest[] =
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
inline constexpr char kMetricsRequest[] =
    "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

inline HttpHandlers HandlersWith(const std::string& metrics) {
  return {.metrics = [metrics] { return metrics; },
          .health = [] { return absl::OkStatus(); },
          .ready = [] { return absl::UnavailableError("loading"); },
          .status_json = [] { return std::string("{}"); },
          .status_page = [] { return std::string("<html>"); }};
}

inline absl::StatusOr<std::unique_ptr<HttpEndpoint>> StartHttp(
    const std::string& address, const HttpEndpoint::Options& options = {},
    const std::string& metrics = "m 1\n") {
  const std::vector<ListenAddress> addresses = {*ListenAddress::Parse(address)};
  absl::StatusOr<std::vector<BoundSocket>> sockets = BindAll(addresses);
  if (!sockets.ok()) return sockets.status();
  return HttpEndpoint::Start(*std::move(sockets), options,
                             HandlersWith(metrics));
}

// What is answered to these bytes at one of an endpoint's addresses.
inline std::string ExchangeAt(const std::string& address,
                              const std::string& bytes) {
  const Visitor visitor(ListenAddress::Parse(address)->bindings()[0]);
  visitor.WaitAtMost(std::chrono::seconds(20));
  visitor.Send(bytes);
  return visitor.ReadToEnd();
}

}  // namespace weir

#endif  // WEIR_TESTS_TELEMETRY_HTTP_RIG_H_
