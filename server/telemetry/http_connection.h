// HttpConnection: a client's connection, on which no call ever blocks.
//
//   HttpConnection connection(listener.Accept());
//   while (AwaitAny({connection.descriptor()}, POLLIN, stop, deadline) &&
//          connection.Read(1024, text)) ...
//
// Thread-safety: one thread; AwaitAny by any number.
// Ownership: owns the descriptor.
// Failure: whatever a peer does ends a wait or reads as the end.
#ifndef WEIR_SERVER_TELEMETRY_HTTP_CONNECTION_H_
#define WEIR_SERVER_TELEMETRY_HTTP_CONNECTION_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "backend/descriptor.h"
#include "sync/clock.h"

namespace weir {

class HttpConnection {
 public:
  // REQUIRES: a socket that does not block.
  explicit HttpConnection(Descriptor socket) : socket_(std::move(socket)) {}

  int descriptor() const { return socket_.get(); }

  // Appends what is there, at most `num_bytes`; false at the end.
  bool Read(size_t num_bytes, std::string& to) const;
  // How many bytes it took; none where the connection is cut or full.
  size_t Write(absl::string_view bytes) const;
  // Tells the peer that no more will come.
  void EndWriting() const;

 private:
  Descriptor socket_;
};

// Waits until one of `descriptors` is ready for `events`. False: `stop` became
// ready, or the deadline has come.
bool AwaitAny(const std::vector<int>& descriptors, short events, int stop,
              TimePoint deadline);

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_HTTP_CONNECTION_H_
