// HttpAddress: where the HTTP endpoint listens, as a configuration writes it.
//
//   absl::StatusOr<std::vector<HttpAddress>> addresses =
//       ParseHttpAddress("localhost:8002");
//   // 127.0.0.1:8002 and [::1]:8002
//
// A host is an IPv4 address, an IPv6 address in brackets, or localhost, which
// is both loopback addresses as far as this machine has them.
//
// Thread-safety: any number of threads.
// Ownership: values.
// Failure: InvalidArgument that quotes the text.
#ifndef WEIR_SERVER_TELEMETRY_HTTP_ADDRESS_H_
#define WEIR_SERVER_TELEMETRY_HTTP_ADDRESS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace weir {

struct HttpAddress {
  std::string address;  // without brackets
  int port = 0;         // 0: any that is free

  // As in a URL: 127.0.0.1:8002, [::1]:8002.
  std::string Text() const;
};

absl::StatusOr<std::vector<HttpAddress>> ParseHttpAddress(
    absl::string_view text);

// What a text is; an IPv6 address is written without brackets.
bool IsAddress(const std::string& text);
bool IsLoopback(const std::string& text);
bool IsWildcard(const std::string& text);

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_HTTP_ADDRESS_H_
