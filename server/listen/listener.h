// Listener: takes connections and hands them on, as many as may be open at a
// time.
//
//   Listener listener(*BindAll(addresses),
//                     {.connections_max = 1024, .take = Serve, .warn = Log});
//   ...
//   listener.Stop();   // nobody is taken any more; those taken stay
//   listener.EndConnections();   // and now those end, too
//
// A connection above the bound, or one for which the process has no descriptor
// left, is closed at once: a client that is refused can go elsewhere, one that
// hangs cannot. Taking goes on as soon as there is room.
//
// Thread-safety: Stop by its owner. `take` and `warn` are called by the
// listener's own thread (weir-accept) and return quickly.
// Ownership: owns the sockets; a connection is its taker's.
// Failure: none that ends it; `warn` is told a sentence once for each time that
// refusing begins.
#ifndef WEIR_SERVER_LISTEN_LISTENER_H_
#define WEIR_SERVER_LISTEN_LISTENER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/descriptor.h"
#include "server/listen/bound_socket.h"
#include "server/listen/open_connections.h"
#include "sync/thread.h"

namespace weir {

class Listener {
 public:
  struct Options {
    int connections_max = 1024;
    std::function<void(Descriptor connection)> take;
    std::function<void(const std::string& sentence)> warn;
  };

  // REQUIRES: sockets; both functions.
  static absl::StatusOr<std::unique_ptr<Listener>> Start(
      std::vector<BoundSocket> sockets, Options options);
  ~Listener() { Stop(); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Where it listens, or did, with the real ports.
  const std::vector<std::string>& addresses() const { return addresses_; }

  // Closes the sockets: who knocks from now on is refused.
  void Stop();

  // REQUIRES: after Stop.
  void EndConnections() { open_.EndAll(); }

 private:
  Listener(std::vector<BoundSocket> sockets, Options options,
           DescriptorPair wake);

  void Loop();
  void TakeAll(const BoundSocket& socket);
  // Whether there may be more.
  bool TakeOne(const BoundSocket& socket);
  void Refuse(const std::string& why);
  bool RefuseWithSpare(const BoundSocket& socket);

  std::vector<BoundSocket> sockets_;
  const std::vector<std::string> addresses_;
  const Options options_;
  DescriptorPair wake_;
  OpenConnections open_;
  bool is_refusing_ = false;
  // Not even the spare descriptor helps, for memory is short.
  bool must_pause_ = false;
  // Kept back for when there is no other: with it a client can be taken, and
  // told that it is refused.
  Descriptor spare_;
  Thread thread_;  // last: it uses all of the above
};

}  // namespace weir

#endif  // WEIR_SERVER_LISTEN_LISTENER_H_
