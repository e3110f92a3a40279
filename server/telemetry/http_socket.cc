#include "server/telemetry/http_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <limits>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace weir {
namespace {

constexpr int kNumWaitingMax = 16;

#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

void SetOption(int descriptor, int level, int option) {
  const int on = 1;
  setsockopt(descriptor, level, option, &on, sizeof(on));
}

// Binds it and learns the port. False: errno says why not.
template <typename Address>
bool Bind(int descriptor, Address address, in_port_t Address::*port,
          HttpAddress& wanted) {
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  address.*port = htons(static_cast<uint16_t>(wanted.port));
  if (bind(descriptor, any, size) != 0) return false;
  if (listen(descriptor, kNumWaitingMax) != 0) return false;
  if (getsockname(descriptor, any, &size) != 0) return false;
  wanted.port = ntohs(address.*port);
  return true;
}

bool BindSix(int descriptor, HttpAddress& wanted) {
  SetOption(descriptor, IPPROTO_IPV6, IPV6_V6ONLY);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  inet_pton(AF_INET6, wanted.address.c_str(), &address.sin6_addr);
  return Bind(descriptor, address, &sockaddr_in6::sin6_port, wanted);
}

bool BindFour(int descriptor, HttpAddress& wanted) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  inet_pton(AF_INET, wanted.address.c_str(), &address.sin_addr);
  return Bind(descriptor, address, &sockaddr_in::sin_port, wanted);
}

// What poll waits for at most, rounded up so that no wait is cut short.
int MillisecondsUntil(TimePoint deadline) {
  if (deadline == kNever) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      deadline - RealClock().Now());
  return static_cast<int>(
      std::clamp<int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace

HttpSocket::HttpSocket(int descriptor) : descriptor_(descriptor) {
  if (descriptor_ < 0) return;
  fcntl(descriptor_, F_SETFD, FD_CLOEXEC);
  fcntl(descriptor_, F_SETFL, fcntl(descriptor_, F_GETFL) | O_NONBLOCK);
#ifdef SO_NOSIGPIPE
  SetOption(descriptor_, SOL_SOCKET, SO_NOSIGPIPE);
#endif
}

HttpSocket::~HttpSocket() {
  if (descriptor_ >= 0) close(descriptor_);
}

absl::StatusOr<HttpSocket> HttpSocket::Listen(HttpAddress& address) {
  const bool six = absl::StrContains(address.address, ':');
  HttpSocket made(socket(six ? AF_INET6 : AF_INET, SOCK_STREAM, 0));
  // A server that starts anew need not wait for its last connections' ends.
  SetOption(made.descriptor_, SOL_SOCKET, SO_REUSEADDR);
  if (six ? BindSix(made.descriptor_, address)
          : BindFour(made.descriptor_, address)) {
    return made;
  }
  const std::string why = std::generic_category().message(errno);
  return absl::UnavailableError(
      absl::StrCat("cannot listen for HTTP on ", address.Text(), ": ", why));
}

absl::StatusOr<std::pair<HttpSocket, HttpSocket>> HttpSocket::Pair() {
  std::array<int, 2> ends = {-1, -1};
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
    const std::string why = std::generic_category().message(errno);
    return absl::UnavailableError(
        absl::StrCat("cannot make a pair of sockets: ", why));
  }
  return std::make_pair(HttpSocket(ends[0]), HttpSocket(ends[1]));
}

HttpSocket HttpSocket::Accept() const {
  return HttpSocket(accept(descriptor_, nullptr, nullptr));
}

bool HttpSocket::Await(const std::vector<const HttpSocket*>& sockets,
                       short events, const HttpSocket& stop,
                       TimePoint deadline) {
  std::vector<pollfd> watched = {{stop.descriptor_, POLLIN, 0}};
  for (const HttpSocket* socket : sockets) {
    watched.push_back({socket->descriptor_, events, 0});
  }
  while (true) {
    const int num_ready =
        poll(watched.data(), watched.size(), MillisecondsUntil(deadline));
    if (num_ready < 0 && errno == EINTR) continue;
    return num_ready > 0 && watched[0].revents == 0;
  }
}

bool HttpSocket::Read(size_t num_bytes, std::string& to) const {
  std::array<char, 4096> part{};
  const ssize_t got =
      recv(descriptor_, part.data(), std::min(num_bytes, part.size()), 0);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  to.append(part.data(), static_cast<size_t>(got));
  return got > 0;
}

size_t HttpSocket::Write(absl::string_view bytes) const {
  const ssize_t sent =
      send(descriptor_, bytes.data(), bytes.size(), kSendFlags);
  return sent < 0 ? 0 : static_cast<size_t>(sent);
}

void HttpSocket::EndWriting() const { shutdown(descriptor_, SHUT_WR); }

}  // namespace weir
