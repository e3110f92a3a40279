// Visitor: a client's end of a connection, with nothing but bytes.
//
//   Visitor visitor(socket.binding());
//   EXPECT_TRUE(visitor.is_connected());
//   EXPECT_TRUE(visitor.IsRefused());  // waits until the other end closes
//
// Thread-safety: one thread.
// Ownership: closes its socket.
// Failure: as its methods say.
#ifndef WEIR_TESTS_LISTEN_VISITOR_H_
#define WEIR_TESTS_LISTEN_VISITOR_H_

#include <sys/socket.h>

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
    return recv(socket_.get(), &byte, sizeof(byte), 0) <= 0;
  }
  void Leave() { socket_.Close(); }

 private:
  Descriptor socket_;
  bool is_connected_ = false;
};

}  // namespace weir

#endif  // WEIR_TESTS_LISTEN_VISITOR_H_
