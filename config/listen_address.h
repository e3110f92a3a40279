// ListenAddress: where a server waits for clients, as an operator writes it.
//
//   absl::StatusOr<ListenAddress> address =
//       ListenAddress::Parse("localhost:8001");
//   address->is_loopback();  // nobody from outside gets there
//
//   127.0.0.1:8001    an IPv4 address and a port; port 0: any that is free
//   [::1]:8001        an IPv6 address, in brackets
//   localhost:8001    both 127.0.0.1 and ::1, at the same port
//   *:8001            all addresses of both families
//   unix:/run/weir    a socket in the file system, for its owner alone
//
// A host's name is none of these: what it means is for others to decide, and
// may change between two starts.
//
// Thread-safety: a value.
// Ownership: a value.
// Failure: INVALID_ARGUMENT whose message is the reason alone; kForms says what
// is expected.
#ifndef WEIR_CONFIG_LISTEN_ADDRESS_H_
#define WEIR_CONFIG_LISTEN_ADDRESS_H_

#include <sys/socket.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace weir {

class ListenAddress {
 public:
  // One socket's, as the system takes it.
  struct Binding {
    sockaddr_storage address = {};
    socklen_t size = 0;

    // Of and to a family's own struct, such as sockaddr_in.
    template <typename Address>
    static Binding Of(const Address& address);
    template <typename Address>
    Address As() const;

    int family() const { return address.ss_family; }
    uint16_t port() const;
    void SetPort(uint16_t port);
    // "127.0.0.1:8001", "[::1]:8001", "unix:/run/weir".
    std::string Text() const;
  };

  static constexpr absl::string_view kForms =
      "ADDRESS:PORT, [ADDRESS]:PORT, localhost:PORT, *:PORT, unix:/PATH";

  static absl::StatusOr<ListenAddress> Parse(absl::string_view text);

  // One for each family that is meant.
  const std::vector<Binding>& bindings() const { return bindings_; }
  // As it was written.
  const std::string& text() const { return text_; }
  // Whether only processes of this machine get there.
  bool is_loopback() const { return is_loopback_; }
  // Of a unix socket; else empty.
  const std::string& path() const { return path_; }

 private:
  ListenAddress() = default;

  std::string text_;
  std::vector<Binding> bindings_;
  bool is_loopback_ = false;
  std::string path_;
};

template <typename Address>
ListenAddress::Binding ListenAddress::Binding::Of(const Address& address) {
  Binding binding;
  std::memcpy(&binding.address, &address, sizeof(address));
  binding.size = sizeof(address);
  return binding;
}

template <typename Address>
Address ListenAddress::Binding::As() const {
  Address as = {};
  std::memcpy(&as, &address, sizeof(as));
  return as;
}

// Whether that is an address, and other machines reach it.
bool IsRemoteAddress(absl::string_view text);

}  // namespace weir

#endif  // WEIR_CONFIG_LISTEN_ADDRESS_H_
