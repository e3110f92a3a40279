#include "server/telemetry/http_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace weir {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;  // the socket has SO_NOSIGPIPE
#endif

// Whether there is nothing to do now, and may be later.
bool IsLater(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

bool HttpConnection::Read(size_t num_bytes, std::string& to) const {
  std::array<char, 4096> part{};
  const ssize_t got =
      recv(socket_.get(), part.data(), std::min(num_bytes, part.size()), 0);
  if (got < 0) return IsLater(errno);
  to.append(part.data(), static_cast<size_t>(got));
  return got > 0;
}

bool HttpConnection::Write(absl::string_view& bytes) const {
  const ssize_t sent =
      send(socket_.get(), bytes.data(), bytes.size(), kSendFlags);
  if (sent < 0) return IsLater(errno);
  bytes.remove_prefix(static_cast<size_t>(sent));
  return true;
}

void HttpConnection::EndWriting() const { shutdown(socket_.get(), SHUT_WR); }

}  // namespace weir
