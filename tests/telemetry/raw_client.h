// RawClient: a TCP connection on which a test says what no HTTP library would.
//
//   RawClient client(endpoint->addresses()[0]);
//   client.Send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
//   EXPECT_THAT(client.ReadToEnd(), HasSubstr("200 OK"));
//
// Thread-safety: none.
// Ownership: owns the socket.
// Failure: a connection that cannot be made or was cut reads as nothing.
#ifndef WEIR_TESTS_TELEMETRY_RAW_CLIENT_H_
#define WEIR_TESTS_TELEMETRY_RAW_CLIENT_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>

#include "server/telemetry/http_address.h"

namespace weir {

class RawClient {
 public:
  explicit RawClient(const HttpAddress& to) {
    if (to.address.find(':') == std::string::npos) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_port = htons(static_cast<uint16_t>(to.port));
      inet_pton(AF_INET, to.address.c_str(), &address.sin_addr);
      Connect(AF_INET, address);
    } else {
      sockaddr_in6 address{};
      address.sin6_family = AF_INET6;
      address.sin6_port = htons(static_cast<uint16_t>(to.port));
      inet_pton(AF_INET6, to.address.c_str(), &address.sin6_addr);
      Connect(AF_INET6, address);
    }
  }
  ~RawClient() { close(descriptor_); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void Send(const std::string& bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t more = send(descriptor_, bytes.data() + sent,
                                bytes.size() - sent, kSendFlags);
      if (more <= 0) return;
      sent += static_cast<size_t>(more);
    }
  }

  // All that comes until the server closes.
  std::string ReadToEnd() {
    std::string all;
    std::array<char, 4096> part{};
    while (true) {
      const ssize_t got = recv(descriptor_, part.data(), part.size(), 0);
      if (got <= 0) return all;
      all.append(part.data(), static_cast<size_t>(got));
    }
  }

 private:
#ifdef MSG_NOSIGNAL
  static constexpr int kSendFlags = MSG_NOSIGNAL;
#else
  static constexpr int kSendFlags = 0;
#endif

  template <typename Address>
  void Connect(int family, const Address& address) {
    descriptor_ = socket(family, SOCK_STREAM, 0);
    if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&address),
                sizeof(address)) != 0) {
      close(descriptor_);
      descriptor_ = -1;
    }
  }

  int descriptor_ = -1;
};

}  // namespace weir

#endif  // WEIR_TESTS_TELEMETRY_RAW_CLIENT_H_
