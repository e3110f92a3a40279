// HttpConnection: a client's connection, on which no call ever blocks.
//
//   HttpConnection connection(listener.Accept());
//   while (connection.Read(1024, text)) ...  // poll before the next one
//
// Thread-safety: one thread.
// Ownership: owns the descriptor.
// Failure: whatever a peer does reads as the end.
#ifndef WEIR_SERVER_TELEMETRY_HTTP_CONNECTION_H_
#define WEIR_SERVER_TELEMETRY_HTTP_CONNECTION_H_

#include <cstddef>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "backend/descriptor.h"

namespace weir {

class HttpConnection {
 public:
  // REQUIRES: a socket that does not block.
  explicit HttpConnection(Descriptor socket) : socket_(std::move(socket)) {}

  int descriptor() const { return socket_.get(); }

  // Appends what is there, at most `num_bytes`; false at the end.
  bool Read(size_t num_bytes, std::string& to) const;
  // Takes what fits off the front of `bytes`; false where the connection is
  // cut.
  bool Write(absl::string_view& bytes) const;
  // Tells the peer that no more will come.
  void EndWriting() const;

 private:
  Descriptor socket_;
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_HTTP_CONNECTION_H_
