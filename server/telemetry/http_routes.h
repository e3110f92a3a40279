// HttpRoutes: what is answered to which request, without a socket.
//
//   HttpRoutes routes(std::move(handlers), {"127.0.0.1"});
//   HttpReply reply = routes.Answer({.method = "GET", .path = "/metrics",
//                                    .host = "localhost:8002"});
//
// Paths are exact, methods are GET and HEAD. The Host of a request must be a
// name of this machine's own or one that it was told to listen on: a page of
// somebody else's that had its name resolved to us (DNS rebinding) reads
// nothing here.
//
// Thread-safety: any number of threads, where the handlers are.
// Ownership: owns the handlers; what they use outlives it.
// Failure: a reply with its status; a reason is one line of text.
#ifndef WEIR_SERVER_TELEMETRY_HTTP_ROUTES_H_
#define WEIR_SERVER_TELEMETRY_HTTP_ROUTES_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace weir {

// What the endpoint shows; called by its thread for each request, and quick.
struct HttpHandlers {
  std::function<std::string()> metrics;      // Prometheus's text format
  std::function<absl::Status()> health;      // OK, or why not
  std::function<absl::Status()> ready;       // OK, or why not
  std::function<std::string()> status_json;  // for programs
  std::function<std::string()> status_page;  // for browsers: HTML
};

struct HttpRequest {
  absl::string_view method = {};
  absl::string_view path = {};  // as sent, without the query
  absl::string_view host = {};
  absl::string_view accept = {};
};

struct HttpReply {
  int code = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  std::string allow = {};  // the methods, where another one was used
  // Content-Security-Policy: nothing but a page needs anything.
  absl::string_view policy = "default-src 'none'; frame-ancestors 'none'";
};

class HttpRoutes {
 public:
  // `hosts`: what it listens on, beside the loopback names: names and
  // addresses without ports. A wildcard address stands for every address, not
  // for names.
  HttpRoutes(HttpHandlers handlers, std::vector<std::string> hosts);

  HttpReply Answer(const HttpRequest& request) const;

 private:
  bool IsOurs(absl::string_view host) const;
  HttpReply Status(absl::string_view accept) const;

  const HttpHandlers handlers_;
  const std::vector<std::string> hosts_;
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_HTTP_ROUTES_H_
