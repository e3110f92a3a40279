#include "server/telemetry/http_host.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace weir {
namespace {

bool IsFour(const std::string& text) {
  in_addr address{};
  return inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool IsSix(const std::string& text, in6_addr& address) {
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

}  // namespace

std::string HttpHostOf(absl::string_view text) {
  const bool bracketed = absl::StartsWith(text, "[");
  const size_t end = bracketed ? text.find(']') : text.rfind(':');
  absl::string_view host = text.substr(0, end);
  absl::string_view rest;
  if (end != absl::string_view::npos) rest = text.substr(end);
  if (bracketed) {
    if (rest.empty()) return "";
    host.remove_prefix(1);
    rest.remove_prefix(1);
  }
  if (!rest.empty()) {
    rest.remove_prefix(1);
    if (rest.empty() ||
        !std::all_of(rest.begin(), rest.end(), absl::ascii_isdigit)) {
      return "";
    }
  }
  return absl::AsciiStrToLower(host);
}

bool IsAddress(const std::string& host) {
  in6_addr six{};
  return IsFour(host) || IsSix(host, six);
}

bool IsLoopback(const std::string& host) {
  in6_addr six{};
  if (IsSix(host, six)) return IN6_IS_ADDR_LOOPBACK(&six);
  return IsFour(host) && absl::StartsWith(host, "127.");
}

bool IsWildcard(const std::string& host) {
  in6_addr six{};
  if (IsSix(host, six)) return IN6_IS_ADDR_UNSPECIFIED(&six);
  return host == "0.0.0.0";
}

}  // namespace weir
