#include "server/telemetry/http_endpoint.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/telemetry/http_head.h"

namespace weir {
namespace {

constexpr size_t kHeadBytesMax = 8 * 1024;
constexpr size_t kIgnoredBytesMax = 64 * 1024;
constexpr size_t kNumAddressesMax = 64;
constexpr int kNumPortsTriedMax = 16;
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
      "\r\nContent-Security-Policy: default-src 'none'; "
      "style-src 'unsafe-inline'; frame-ancestors 'none'"
      "\r\nConnection: close\r\n\r\n");
}

HttpReply Refusal(int code) {
  HttpReply reply;
  reply.code = code;
  reply.body = absl::StrCat(ReasonPhrase(code), "\n");
  return reply;
}

// The hosts that requests may name.
std::vector<std::string> HostsOf(const std::vector<HttpAddress>& addresses,
                                 std::vector<std::string> names) {
  for (const HttpAddress& address : addresses) {
    names.push_back(address.address);
  }
  return names;
}

// Listens on the addresses of one name, all on one port where they ask for any.
absl::Status ListenTogether(std::vector<HttpAddress>& addresses,
                            std::vector<HttpSocket>& listeners) {
  const bool any_port = addresses.front().port == 0;
  absl::Status failed;
  for (int i = 0; i < (any_port ? kNumPortsTriedMax : 1); ++i) {
    std::vector<HttpSocket> made;
    failed = absl::OkStatus();
    for (HttpAddress& address : addresses) {
      if (any_port) address.port = made.empty() ? 0 : addresses.front().port;
      absl::StatusOr<HttpSocket> listener = HttpSocket::Listen(address);
      if (!listener.ok()) {
        failed = std::move(listener).status();
        break;
      }
      made.push_back(*std::move(listener));
    }
    if (!failed.ok()) continue;
    for (HttpSocket& listener : made) listeners.push_back(std::move(listener));
    return absl::OkStatus();
  }
  return failed;
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpEndpoint>> HttpEndpoint::Start(
    const Options& options, HttpHandlers handlers) {
  std::vector<HttpAddress> addresses;
  std::vector<HttpSocket> listeners;
  if (options.addresses.empty() ||
      options.addresses.size() > kNumAddressesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("an HTTP endpoint has 1 to ", kNumAddressesMax,
                     " addresses; got ", options.addresses.size()));
  }
  for (const std::string& text : options.addresses) {
    absl::StatusOr<std::vector<HttpAddress>> some = ParseHttpAddress(text);
    if (!some.ok()) return std::move(some).status();
    absl::Status listening = ListenTogether(*some, listeners);
    if (!listening.ok()) return listening;
    addresses.insert(addresses.end(), some->begin(), some->end());
  }
  absl::StatusOr<std::pair<HttpSocket, HttpSocket>> stop = HttpSocket::Pair();
  if (!stop.ok()) return std::move(stop).status();
  return std::unique_ptr<HttpEndpoint>(
      new HttpEndpoint(options, std::move(handlers), std::move(addresses),
                       std::move(listeners), *std::move(stop)));
}

HttpEndpoint::HttpEndpoint(const Options& options, HttpHandlers handlers,
                           std::vector<HttpAddress> addresses,
                           std::vector<HttpSocket> listeners,
                           std::pair<HttpSocket, HttpSocket> stop)
    : options_(options),
      addresses_(std::move(addresses)),
      routes_(std::move(handlers), HostsOf(addresses_, options.host_names)),
      listeners_(std::move(listeners)),
      stop_(std::move(stop.first)),
      stop_end_(std::move(stop.second)) {
  for (int i = 0; i < options_.num_threads; ++i) {
    threads_.emplace_back(absl::StrCat("weir-http-", i), [this] { Loop(); });
  }
}

HttpEndpoint::~HttpEndpoint() {
  { const HttpSocket closed = std::move(stop_end_); }
  threads_.clear();
}

void HttpEndpoint::Loop() {
  std::vector<const HttpSocket*> listeners;
  for (const HttpSocket& listener : listeners_) listeners.push_back(&listener);
  while (HttpSocket::Await(listeners, POLLIN, stop_, kNever)) {
    bool accepted = false;
    for (const HttpSocket& listener : listeners_) {
      const HttpSocket connection = listener.Accept();
      if (connection.descriptor() < 0) continue;
      accepted = true;
      Serve(connection);
    }
    // Another thread took it, or there is no descriptor left: look again soon,
    // and not in a circle.
    if (!accepted) {
      HttpSocket::Await({}, 0, stop_, RealClock().Now() + kPause);
    }
  }
}

void HttpEndpoint::Serve(const HttpSocket& connection) const {
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
         HttpSocket::Await({&connection}, POLLIN, stop_, deadline) &&
         connection.Read(kIgnoredBytesMax - ignored.size(), ignored)) {
  }
}

std::optional<HttpReply> HttpEndpoint::ReadRequest(const HttpSocket& connection,
                                                   bool& wants_body) const {
  const TimePoint deadline = RealClock().Now() + options_.head_time_max;
  std::string head;
  size_t end = std::string::npos;
  while (end == std::string::npos) {
    if (head.size() >= kHeadBytesMax) return Refusal(431);
    if (!HttpSocket::Await({&connection}, POLLIN, stop_, deadline)) {
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

void HttpEndpoint::Send(const HttpSocket& connection,
                        const std::string& bytes) const {
  const TimePoint deadline = RealClock().Now() + options_.head_time_max;
  absl::string_view left = bytes;
  while (!left.empty() &&
         HttpSocket::Await({&connection}, POLLOUT, stop_, deadline)) {
    const size_t sent = connection.Write(left);
    if (sent == 0) return;
    left.remove_prefix(sent);
  }
}

}  // namespace weir
