// HttpSocket: the sockets of the HTTP endpoint; none of them ever blocks.
//
//   absl::StatusOr<HttpSocket> listener = HttpSocket::Listen(address);
//   if (HttpSocket::Await(*listener, POLLIN, stop, kNever)) {
//     HttpSocket connection = listener->Accept();
//   }
//
// Thread-safety: Accept and Await by any number of threads; the rest by one.
// Ownership: owns the descriptor.
// Failure: an address that cannot be had is a Status that names it; whatever
// else a peer does ends a wait or reads as the end.
#ifndef WEIR_SERVER_TELEMETRY_HTTP_SOCKET_H_
#define WEIR_SERVER_TELEMETRY_HTTP_SOCKET_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/telemetry/http_address.h"
#include "sync/clock.h"

namespace weir {

class HttpSocket {
 public:
  HttpSocket() = default;
  explicit HttpSocket(int descriptor);
  HttpSocket(HttpSocket&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  HttpSocket& operator=(HttpSocket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~HttpSocket();

  // Listens on the address, and tells it the port that it got.
  static absl::StatusOr<HttpSocket> Listen(HttpAddress& address);

  // Two that are connected to each other: closing one makes the other ready.
  static absl::StatusOr<std::pair<HttpSocket, HttpSocket>> Pair();

  // A connection that waits; one without a descriptor where there is none.
  HttpSocket Accept() const;

  // Waits until one of `sockets` is ready for `events`. False: `stop` became
  // ready, or the deadline has come.
  static bool Await(const std::vector<const HttpSocket*>& sockets, short events,
                    const HttpSocket& stop, TimePoint deadline);

  // Appends what is there, at most `num_bytes`; false at the end.
  bool Read(size_t num_bytes, std::string& to) const;
  // How many bytes it took; none where the connection is cut or full.
  size_t Write(absl::string_view bytes) const;
  // Tells the peer that no more will come.
  void EndWriting() const;

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_HTTP_SOCKET_H_
