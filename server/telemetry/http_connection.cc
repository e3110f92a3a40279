#include "server/telemetry/http_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <limits>

namespace weir {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;  // the socket has SO_NOSIGPIPE
#endif

// What poll waits for at most, rounded up so that no wait is cut short.
int MillisecondsUntil(TimePoint deadline) {
  if (deadline == kNever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      deadline - RealClock().Now());
  return static_cast<int>(
      std::clamp<int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace

bool HttpConnection::Read(size_t num_bytes, std::string& to) const {
  std::array<char, 4096> part{};
  const ssize_t got =
      recv(socket_.get(), part.data(), std::min(num_bytes, part.size()), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  to.append(part.data(), static_cast<size_t>(got));
  return got > 0;
}

size_t HttpConnection::Write(absl::string_view bytes) const {
  const ssize_t sent =
      send(socket_.get(), bytes.data(), bytes.size(), kSendFlags);
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}

void HttpConnection::EndWriting() const { shutdown(socket_.get(), SHUT_WR); }

bool AwaitAny(const std::vector<int>& descriptors, short events, int stop,
              TimePoint deadline) {
  std::vector<pollfd> watched = {{stop, POLLIN, 0}};
  for (const int descriptor : descriptors) {
    watched.push_back({descriptor, events, 0});
  }
  while (true) {
    const int num_ready =
        poll(watched.data(), watched.size(), MillisecondsUntil(deadline));
    if (num_ready < 0 && errno == EINTR) continue;
    return num_ready > 0 && watched[0].revents == 0;
  }
}

}  // namespace weir
