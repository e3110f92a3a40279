#include "server/telemetry/http_endpoint.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "config/status_macros.h"
#include "server/telemetry/http_head.h"
#include "server/telemetry/http_host.h"
#include "sync/check.h"

namespace weir {
namespace {

constexpr size_t kHeadBytesMax = 8 * 1024;
constexpr size_t kIgnoredBytesMax = 64 * 1024;
constexpr std::chrono::milliseconds kPause(100);
constexpr std::chrono::milliseconds kLingerMax(500);

absl::string_view ReasonPhrase(int code) {
  switch (code) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    default:
      return "Service Unavailable";
  }
}

std::string HeadOf(const HttpReply& reply) {
  return absl::StrCat(
      "HTTP/1.1 ", reply.code, " ", ReasonPhrase(reply.code),
      "\r\nContent-Type: ", reply.content_type,
      "\r\nContent-Length: ", reply.body.size(),
      reply.allow.empty() ? "" : "\r\nAllow: ", reply.allow,
      "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff"
      "\r\nReferrer-Policy: no-referrer"
      "\r\nCross-Origin-Resource-Policy: same-origin"
      "\r\nContent-Security-Policy: ",
      reply.policy, "\r\nConnection: close\r\n\r\n");
}

HttpReply Refusal(int code) {
  HttpReply reply;
  reply.code = code;
  reply.body = absl::StrCat(ReasonPhrase(code), "\n");
  return reply;
}

// The hosts that requests may name. A unix socket has none of its own.
std::vector<std::string> HostsOf(const std::vector<std::string>& addresses,
                                 std::vector<std::string> names) {
  for (const std::string& address : addresses) {
    names.push_back(HttpHostOf(address));
  }
  return names;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpEndpoint>> HttpEndpoint::Start(
    std::vector<BoundSocket> sockets, const Options& options,
    HttpHandlers handlers) {
  WEIR_CHECK(!sockets.empty() && options.num_threads > 0,
             "an HTTP endpoint has sockets, and threads to answer");
  WEIR_ASSIGN_OR_RETURN(DescriptorPair stop, OpenPipe());
  return std::unique_ptr<HttpEndpoint>(new HttpEndpoint(
      std::move(sockets), options, std::move(handlers), std::move(stop)));
}

HttpEndpoint::HttpEndpoint(std::vector<BoundSocket> sockets,
                           const Options& options, HttpHandlers handlers,
                           DescriptorPair stop)
    : options_(options),
      sockets_(std::move(sockets)),
      addresses_(TextsOf(sockets_)),
      routes_(std::move(handlers), HostsOf(addresses_, options.host_names)),
      stop_(std::move(stop)) {
  for (int i = 0; i < options_.num_threads; ++i) {
    threads_.emplace_back(absl::StrCat("weir-http-", i), [this] { Loop(); });
  }
}

HttpEndpoint::~HttpEndpoint() {
  stop_.write.Close();
  threads_.clear();
}

void HttpEndpoint::Loop() {
  std::vector<int> knocked_at;
  for (const BoundSocket& socket : sockets_) {
    knocked_at.push_back(socket.descriptor());
  }
  while (Await(knocked_at, POLLIN, kNever)) {
    bool is_short = false;
    for (const BoundSocket& socket : sockets_) {
      Descriptor taken = socket.Accept();
      if (taken.is_open()) {
        Serve(HttpConnection(std::move(taken)));
      } else {
        is_short |= IsShortage(errno);
      }
    }
    // Without a descriptor left it would turn in a circle.
    if (is_short) Await({}, 0, RealClock().Now() + kPause);
  }
}

bool HttpEndpoint::Await(const std::vector<int>& descriptors, short events,
                         TimePoint deadline) const {
  return AwaitAny(descriptors, events, stop_.read.get(), deadline);
}

void HttpEndpoint::Serve(const HttpConnection& connection) const {
  bool wants_body = true;
  const std::optional<HttpReply> reply = ReadRequest(connection, wants_body);
  if (!reply.has_value()) return;
  Send(connection, HeadOf(*reply) + (wants_body ? reply->body : ""));
  // Bytes that nobody reads would cut the connection before the answer is
  // through.
  connection.EndWriting();
  const TimePoint deadline =
      RealClock().Now() + std::min(options_.head_time_max, kLingerMax);
  std::string ignored;
  while (ignored.size() < kIgnoredBytesMax &&
         Await({connection.descriptor()}, POLLIN, deadline) &&
         connection.Read(kIgnoredBytesMax - ignored.size(), ignored)) {
  }
}

std::optional<HttpReply> HttpEndpoint::ReadRequest(
    const HttpConnection& connection, bool& wants_body) const {
  const TimePoint deadline = RealClock().Now() + options_.head_time_max;
  std::string head;
  size_t end = std::string::npos;
  while (end == std::string::npos) {
    if (head.size() >= kHeadBytesMax) return Refusal(431);
    if (!Await({connection.descriptor()}, POLLIN, deadline)) {
      return Refusal(408);
    }
    if (!connection.Read(kHeadBytesMax - head.size(), head)) {
      return std::nullopt;
    }
    end = head.find("\r\n\r\n");
  }
  const std::optional<HttpRequest> request =
      ParseHttpHead(absl::string_view(head).substr(0, end));
  if (!request.has_value()) return Refusal(400);
  wants_body = request->method != "HEAD";
  return routes_.Answer(*request);
}

void HttpEndpoint::Send(const HttpConnection& connection,
                        const std::string& bytes) const {
  const TimePoint deadline = RealClock().Now() + options_.head_time_max;
  absl::string_view left = bytes;
  while (!left.empty() && Await({connection.descriptor()}, POLLOUT, deadline)) {
    const size_t sent = connection.Write(left);
    if (sent == 0) return;
    left.remove_prefix(sent);
  }
}

}  // namespace weir
