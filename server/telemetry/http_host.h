// HttpHost: the name or address by which a client calls us.
//
//   HttpHostOf("[::1]:8002")      // "::1"
//   HttpHostOf("LocalHost")       // "localhost"
//   HttpHostOf("localhost:80:80") // "", for it is none
//
// Thread-safety: any number of threads.
// Ownership: values.
// Failure: an empty text where there is no host.
#ifndef WEIR_SERVER_TELEMETRY_HTTP_HOST_H_
#define WEIR_SERVER_TELEMETRY_HTTP_HOST_H_

#include <string>

#include "absl/strings/string_view.h"

namespace weir {

// A Host header, or an address with its port, without the port and brackets.
std::string HttpHostOf(absl::string_view text);

// What a host is.
bool IsAddress(const std::string& host);
bool IsLoopback(const std::string& host);
bool IsWildcard(const std::string& host);

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_HTTP_HOST_H_
