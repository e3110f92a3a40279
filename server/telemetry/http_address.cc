#include "server/telemetry/http_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace weir {
namespace {

constexpr int kPortMax = 65535;

bool IsFour(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool IsSix(const std::string& text, in6_addr& address) {
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

// Whether a socket can be bound to ::1 here; containers often have no IPv6.
bool HasLoopbackSix() {
  const int descriptor = socket(AF_INET6, SOCK_STREAM, 0);
  if (descriptor < 0) return false;
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const bool bound =
      bind(descriptor, reinterpret_cast<const sockaddr*>(&address),
           sizeof(address)) == 0;
  close(descriptor);
  return bound;
}

absl::Status Malformed(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat(
      "an address is HOST:PORT, where HOST is localhost, an IPv4 address or an "
      "IPv6 address in brackets; got \"",
      text, "\""));
}

}  // namespace

std::string HttpAddress::Text() const {
  const bool six = absl::StrContains(address, ':');
  return six ? absl::StrCat("[", address, "]:", port)
             : absl::StrCat(address, ":", port);
}

bool IsAddress(const std::string& text) {
  in6_addr six{};
  return IsFour(text) || IsSix(text, six);
}

bool IsLoopback(const std::string& text) {
  in6_addr six{};
  if (IsSix(text, six)) return IN6_IS_ADDR_LOOPBACK(&six);
  return IsFour(text) && absl::StartsWith(text, "127.");
}

bool IsWildcard(const std::string& text) {
  in6_addr six{};
  if (IsSix(text, six)) return IN6_IS_ADDR_UNSPECIFIED(&six);
  return text == "0.0.0.0";
}

absl::StatusOr<std::vector<HttpAddress>> ParseHttpAddress(
    absl::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos) return Malformed(text);
  const absl::string_view digits = text.substr(colon + 1);
  int port = 0;
  if (digits.empty() || !absl::ascii_isdigit(digits.front()) ||
      !absl::SimpleAtoi(digits, &port) || port > kPortMax) {
    return Malformed(text);
  }
  std::string host(text.substr(0, colon));
  if (host == "localhost") {
    std::vector<HttpAddress> both = {{"127.0.0.1", port}};
    if (HasLoopbackSix()) both.push_back({"::1", port});
    return both;
  }
  if (IsFour(host)) return std::vector<HttpAddress>{{host, port}};
  in6_addr six{};
  if (host.size() < 2 || host.front() != '[' || host.back() != ']') {
    return Malformed(text);
  }
  host = host.substr(1, host.size() - 2);
  if (!IsSix(host, six)) return Malformed(text);
  return std::vector<HttpAddress>{{host, port}};
}

}  // namespace weir
