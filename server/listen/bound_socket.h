// BoundSocket: a socket at an address, where clients may knock.
//
//   absl::StatusOr<std::vector<BoundSocket>> sockets = BindAll(addresses);
//   (*sockets)[0].binding().Text();  // "127.0.0.1:8001", with the real port
//
// No other program can bind the same address while it is open; a unix socket
// is its owner's alone (mode 0600), and one that a dead program left behind is
// taken over.
//
// Thread-safety: a value. BindAll by one thread, before others create files:
// it sets the process's umask for the moment of a unix socket's birth.
// Ownership: closes the socket, and removes a unix socket's name if it is still
// this one.
// Failure: a sentence that names the address. UNAVAILABLE: it is in use.
#ifndef WEIR_SERVER_LISTEN_BOUND_SOCKET_H_
#define WEIR_SERVER_LISTEN_BOUND_SOCKET_H_

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "backend/descriptor.h"
#include "config/listen_address.h"

namespace weir {

class [[nodiscard]] BoundSocket {
 public:
  BoundSocket(Descriptor descriptor, const ListenAddress::Binding& binding)
      : descriptor_(std::move(descriptor)), binding_(binding) {}
  BoundSocket(BoundSocket&&) = default;
  ~BoundSocket() { RemoveName(); }

  int descriptor() const { return descriptor_.get(); }
  const ListenAddress::Binding& binding() const { return binding_; }

  // A client that knocks, in a socket that does not block either; none where
  // errno says why not. By any number of threads.
  Descriptor Accept() const;

  // Notes the name that a unix socket was given, to remove it at the end.
  void OwnName(const std::string& path);

 private:
  void RemoveName();

  Descriptor descriptor_;
  ListenAddress::Binding binding_;
  // Of a unix socket.
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

// Whether Accept found no client because the process, or the system, has no
// room for one: clients still wait.
bool IsShortage(int error);

// Binds each address, all its families at one port, and listens. A family that
// this machine has not is left out where the other one is there.
absl::StatusOr<std::vector<BoundSocket>> BindAll(
    absl::Span<const ListenAddress> addresses);

// Where they are, with the real ports.
std::vector<std::string> TextsOf(const std::vector<BoundSocket>& sockets);

}  // namespace weir

#endif  // WEIR_SERVER_LISTEN_BOUND_SOCKET_H_
