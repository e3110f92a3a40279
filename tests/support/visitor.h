// Visitor: a client's end of a connection, with nothing but bytes.
//
//   Visitor visitor(socket.binding());
//   EXPECT_TRUE(visitor.is_connected());
//   EXPECT_TRUE(visitor.IsRefused());  // waits until the other end closes
//   visitor.Send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
//   EXPECT_THAT(visitor.ReadToEnd(), HasSubstr("200 OK"));
//
// Thread-safety: one thread.
// Ownership: closes its socket.
// Failure: as its methods say.
#ifndef WEIR_TESTS_SUPPORT_VISITOR_H_
#define WEIR_TESTS_SUPPORT_VISITOR_H_

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <string>

#include "backend/descriptor.h"
#include "config/listen_address.h"

namespace weir {

class Visitor {
 public:
  explicit Visitor(const ListenAddress::Binding& binding)
      : socket_(socket(binding.family(), SOCK_STREAM, 0)) {
    is_connected_ = connect(socket_.get(),
                            reinterpret_cast<const sockaddr*>(&binding.address),
                            binding.size) == 0;
  }

  bool is_connected() const { return is_connected_; }

  // Waits for the other end to say something or to close; true: it closed.
  bool IsRefused() const {
    char byte = 0;
    const ssize_t got = recv(socket_.get(), &byte, sizeof(byte), 0);
    return got == 0 || (got < 0 && errno != EAGAIN);
  }

  // As much as the other end takes.
  void Send(const std::string& bytes) const {
    size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t more = send(socket_.get(), bytes.data() + sent,
                                bytes.size() - sent, kSendFlags);
      if (more <= 0) return;
      sent += static_cast<size_t>(more);
    }
  }
  // As many bytes as that, unless the other end closes before.
  std::string Read(size_t size) const {
    std::string bytes(size, '\0');
    size_t read = 0;
    while (read < size) {
      const ssize_t got =
          recv(socket_.get(), bytes.data() + read, size - read, 0);
      if (got <= 0) break;
      read += static_cast<size_t>(got);
    }
    bytes.resize(read);
    return bytes;
  }
  // No waiting for the other end takes longer; what came by then is read.
  void WaitAtMost(std::chrono::seconds time) const {
    timeval limit = {};
    limit.tv_sec = static_cast<decltype(limit.tv_sec)>(time.count());
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  // All that comes until the other end closes.
  std::string ReadToEnd() const {
    std::string all;
    std::array<char, 4096> part{};
    while (true) {
      const ssize_t got = recv(socket_.get(), part.data(), part.size(), 0);
      if (got <= 0) return all;
      all.append(part.data(), static_cast<size_t>(got));
    }
  }
  void Leave() { socket_.Close(); }

 private:
#ifdef MSG_NOSIGNAL
  static constexpr int kSendFlags = MSG_NOSIGNAL;
#else
  static constexpr int kSendFlags = 0;
#endif

  Descriptor socket_;
  bool is_connected_ = false;
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_VISITOR_H_
