#include "server/telemetry/http_routes.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "server/telemetry/http_host.h"
#include "server/telemetry/status_page.h"

namespace weir {
namespace {

HttpReply Reason(int code, std::string reason) {
  HttpReply reply;
  reply.code = code;
  reply.body = std::move(reason) + "\n";
  return reply;
}

HttpReply Verdict(const absl::Status& status) {
  if (status.ok()) return Reason(200, "ok");
  return Reason(503, std::string(status.message()));
}

}  // namespace

HttpRoutes::HttpRoutes(HttpHandlers handlers, std::vector<std::string> hosts)
    : handlers_(std::move(handlers)), hosts_(std::move(hosts)) {}

bool HttpRoutes::IsOurs(absl::string_view header) const {
  const std::string host = HttpHostOf(header);
  if (host.empty()) return false;
  if (host == "localhost" || IsLoopback(host)) return true;
  return std::any_of(hosts_.begin(), hosts_.end(),
                     [&host](const std::string& ours) {
                       return absl::AsciiStrToLower(ours) == host ||
                              (IsWildcard(ours) && IsAddress(host));
                     });
}

HttpReply HttpRoutes::Status(absl::string_view accept) const {
  HttpReply reply;
  if (absl::StrContains(accept, "text/html")) {
    reply.content_type = "text/html; charset=utf-8";
    reply.body = handlers_.status_page();
    reply.policy = kStatusPagePolicy;
  } else {
    reply.content_type = "application/json";
    reply.body = handlers_.status_json();
  }
  return reply;
}

HttpReply HttpRoutes::Answer(const HttpRequest& request) const {
  if (!IsOurs(request.host)) {
    return Reason(421, "this server does not go by that Host");
  }
  const bool known = request.path == "/metrics" || request.path == "/healthz" ||
                     request.path == "/readyz" || request.path == "/status";
  if (!known) {
    return Reason(404, "there are /metrics, /healthz, /readyz and /status");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    HttpReply reply = Reason(405, "only GET and HEAD");
    reply.allow = "GET, HEAD";
    return reply;
  }
  if (request.path == "/healthz") return Verdict(handlers_.health());
  if (request.path == "/readyz") return Verdict(handlers_.ready());
  if (request.path == "/status") return Status(request.accept);
  HttpReply reply;
  reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
  reply.body = handlers_.metrics();
  return reply;
}

}  // namespace weir
