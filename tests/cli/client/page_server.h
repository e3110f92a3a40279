// PageServer: a socket that answers whoever connects with one text, and hangs
// up.
//
//   PageServer server("HTTP/1.1 200 OK\r\n\r\nprocess_cpu_seconds_total 1\n");
//   ReadCpuSeconds(server.address());
//
// Thread-safety: a thread of its own answers.
// Ownership: closes the socket and joins the thread when it goes.
// Failure: dies where it cannot listen.
#ifndef WEIR_TESTS_CLI_CLIENT_PAGE_SERVER_H_
#define WEIR_TESTS_CLI_CLIENT_PAGE_SERVER_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "sync/check.h"
#include "sync/thread.h"

namespace weir {

class PageServer {
 public:
  explicit PageServer(const std::string& page)
      : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof place;
    auto* const address = reinterpret_cast<sockaddr*>(&place);
    WEIR_CHECK(bind(socket_, address, size) == 0 && listen(socket_, 8) == 0 &&
                   getsockname(socket_, address, &size) == 0,
               "a test's server listens");
    address_ = "127.0.0.1:" + std::to_string(ntohs(place.sin_port));
    thread_ = Thread("page", [this, page] { Loop(page); });
  }
  ~PageServer() {
    shutdown(socket_, SHUT_RDWR);
    thread_.Join();
    close(socket_);
  }
  PageServer(const PageServer&) = delete;
  PageServer& operator=(const PageServer&) = delete;

  const std::string& address() const { return address_; }

 private:
  // Reads the request's end before it answers, for what is unread would cut
  // the connection.
  void Loop(const std::string& page) const {
    while (true) {
      const int connection = accept(socket_, nullptr, nullptr);
      if (connection < 0) return;
      std::string request;
      char byte = 0;
      while (request.find("\r\n\r\n") == std::string::npos &&
             recv(connection, &byte, 1, 0) == 1) {
        request.push_back(byte);
      }
      static_cast<void>(!write(connection, page.data(), page.size()));
      close(connection);
    }
  }

  const int socket_;
  std::string address_;
  Thread thread_;
};

}  // namespace weir

#endif  // WEIR_TESTS_CLI_CLIENT_PAGE_SERVER_H_
