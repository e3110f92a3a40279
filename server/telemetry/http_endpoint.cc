#include "server/telemetry/http_endpoint.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <limits>
#include <utility>

#include "config/status_macros.h"
#include "server/telemetry/http_host.h"
#include "sync/check.h"

namespace weir {
namespace {

// How long nobody is taken where the system has no room for one.
constexpr std::chrono::milliseconds kPause(100);

// What poll waits for at most, rounded up so that no wait is cut short.
int MillisecondsUntil(TimePoint deadline) {
  if (deadline == kNever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      deadline - RealClock().Now());
  return static_cast<int>(
      std::clamp<int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
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
  WEIR_CHECK(!sockets.empty() && options.connections_max > 0,
             "an HTTP endpoint has sockets, and room for a connection");
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
      stop_(std::move(stop)),
      thread_("weir-http", [this] { Loop(); }) {}

HttpEndpoint::~HttpEndpoint() {
  stop_.write.Close();
  thread_.Join();
}

void HttpEndpoint::Loop() {
  std::vector<pollfd> watched = Watched();
  while (Await(watched)) {
    const TimePoint now = RealClock().Now();
    AdvanceAll(watched, now);
    TakeNewcomers(now);
    watched = Watched();
  }
}

bool HttpEndpoint::Await(std::vector<pollfd>& watched) const {
  TimePoint next = pause_end_;
  for (const HttpExchange& exchange : exchanges_) {
    next = std::min(next, exchange.deadline());
  }
  while (true) {
    const int num_ready =
        poll(watched.data(), watched.size(), MillisecondsUntil(next));
    if (num_ready < 0 && errno == EINTR) continue;
    return num_ready >= 0 && watched[0].revents == 0;
  }
}

// The end, the connections in their order, and where clients knock.
std::vector<pollfd> HttpEndpoint::Watched() const {
  std::vector<pollfd> watched = {{stop_.read.get(), POLLIN, 0}};
  for (const HttpExchange& exchange : exchanges_) {
    watched.push_back({exchange.descriptor(), exchange.events(), 0});
  }
  // Without a descriptor left, who knocks would have it turn in a circle.
  if (pause_end_ != kNever) return watched;
  for (const BoundSocket& socket : sockets_) {
    watched.push_back({socket.descriptor(), POLLIN, 0});
  }
  return watched;
}

void HttpEndpoint::AdvanceAll(const std::vector<pollfd>& watched,
                              TimePoint now) {
  size_t place = 0;
  for (auto next = exchanges_.begin(); next != exchanges_.end();) {
    const auto exchange = next++;
    const bool has_come = watched[++place].revents != 0;
    if (has_come || now >= exchange->deadline()) Advance(exchange, now);
  }
}

// One of each socket, so that those who were taken before get their turn.
void HttpEndpoint::TakeNewcomers(TimePoint now) {
  if (pause_end_ != kNever && now < pause_end_) return;
  pause_end_ = kNever;
  for (const BoundSocket& socket : sockets_) {
    Descriptor taken = socket.Accept();
    if (!taken.is_open()) {
      if (IsShortage(errno)) pause_end_ = now + kPause;
      continue;
    }
    exchanges_.emplace_back(std::move(taken), routes_, options_.head_time_max,
                            now);
    if (exchanges_.size() > options_.connections_max) exchanges_.pop_front();
    // Most have sent their head by now, and are answered at once.
    Advance(std::prev(exchanges_.end()), now);
  }
}

void HttpEndpoint::Advance(Exchanges::iterator exchange, TimePoint now) {
  const auto end = std::next(exchange);
  if (!exchange->Advance(now)) {
    exchanges_.erase(exchange);
    return;
  }
  size_t num_bytes = 0;
  for (const HttpExchange& each : exchanges_) {
    num_bytes += each.num_answer_bytes();
  }
  // Up to this one alone: the later ones were within the bound before.
  auto each = exchanges_.begin();
  while (num_bytes > options_.answer_bytes_max && each != end) {
    num_bytes -= each->num_answer_bytes();
    each =
        each->num_answer_bytes() > 0 ? exchanges_.erase(each) : std::next(each);
  }
}

}  // namespace weir
