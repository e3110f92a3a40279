// OpenConnections: how many of the connections that were handed on are still
// open, though whoever has them does not tell.
//
//   OpenConnections open(/*max=*/1024);
//   if (!open.Add(descriptor)) refuse;
//
// A connection is told by its descriptor's number and what the system says of
// the socket behind it: where that differs it was closed, and the number is
// somebody else's. They are compared only once there seem to be too many.
//
// Thread-safety: one thread.
// Ownership: none; descriptors are looked at, and used by EndAll alone.
// Failure: none.
#ifndef WEIR_SERVER_LISTEN_OPEN_CONNECTIONS_H_
#define WEIR_SERVER_LISTEN_OPEN_CONNECTIONS_H_

#include <sys/socket.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>

namespace weir {

class OpenConnections {
 public:
  explicit OpenConnections(int max) : max_(static_cast<size_t>(max)) {}

  // False: as many as may be are open already.
  bool Add(int descriptor) {
    const std::optional<Socket> socket = SocketOf(descriptor);
    if (!socket.has_value()) return false;
    sockets_.erase(descriptor);
    if (sockets_.size() >= max_) DropClosed();
    if (sockets_.size() >= max_) return false;
    sockets_.emplace(descriptor, *socket);
    return true;
  }

  // Sends their ends after what was sent by then, and leaves the closing to
  // whoever has them. What peers send is still read: the system answers it with
  // a reset otherwise, and a peer that is slow loses what it has not read yet.
  void EndAll() {
    DropClosed();
    for (const auto& [descriptor, socket] : sockets_) {
      shutdown(descriptor, SHUT_WR);
    }
  }

 private:
#ifdef __APPLE__
  struct Socket {
    dev_t device = 0;
    ino_t inode = 0;
    sockaddr_storage peer = {};

    bool operator==(const Socket& other) const {
      return device == other.device && inode == other.inode &&
             std::memcmp(&peer, &other.peer, sizeof(peer)) == 0;
    }
  };

  static std::optional<Socket> SocketOf(int descriptor) {
    struct stat file = {};
    if (fstat(descriptor, &file) != 0 || !S_ISSOCK(file.st_mode)) return {};
    Socket socket = {.device = file.st_dev, .inode = file.st_ino};
    socklen_t size = sizeof(socket.peer);
    if (getpeername(descriptor, reinterpret_cast<sockaddr*>(&socket.peer),
                    &size) != 0) {
      socket.peer = {};  // it has gone, and its descriptor may be open yet
    }
    return socket;
  }
#else
  // A number that the system gives to no other socket.
  using Socket = uint64_t;

  static std::optional<Socket> SocketOf(int descriptor) {
    Socket cookie = 0;
    socklen_t size = sizeof(cookie);
    if (getsockopt(descriptor, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0) {
      return std::nullopt;
    }
    return cookie;
  }
#endif

  void DropClosed() {
    std::erase_if(sockets_, [](const auto& entry) {
      const std::optional<Socket> now = SocketOf(entry.first);
      return !now.has_value() || !(*now == entry.second);
    });
  }

  const size_t max_;
  std::map<int, Socket> sockets_;
};

}  // namespace weir

#endif  // WEIR_SERVER_LISTEN_OPEN_CONNECTIONS_H_
