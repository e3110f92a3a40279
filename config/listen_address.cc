#include "config/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace weir {
namespace {

using Binding = ListenAddress::Binding;

constexpr uint32_t kLoopbackNetwork = 127;

Binding Binding4(const in_addr& host) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr = host;
  return Binding::Of(address);
}

Binding Binding6(const in6_addr& host) {
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_addr = host;
  return Binding::Of(address);
}

bool IsLoopback(const Binding& binding) {
  if (binding.family() == AF_INET) {
    const auto address = binding.As<sockaddr_in>();
    return ntohl(address.sin_addr.s_addr) >> 24U == kLoopbackNetwork;
  }
  const auto address = binding.As<sockaddr_in6>();
  return IN6_IS_ADDR_LOOPBACK(&address.sin6_addr);
}

// The sockets that a host means; none where it is no address.
std::vector<Binding> BindingsOf(const std::string& host, bool is_bracketed) {
  if (!is_bracketed && host == "localhost") {
    return {Binding4({htonl(INADDR_LOOPBACK)}), Binding6(in6addr_loopback)};
  }
  if (!is_bracketed && host == "*") {
    return {Binding4({htonl(INADDR_ANY)}), Binding6(in6addr_any)};
  }
  in6_addr host6 = {};
  if (is_bracketed) {
    if (inet_pton(AF_INET6, host.c_str(), &host6) != 1) return {};
    return {Binding6(host6)};
  }
  in_addr host4 = {};
  if (inet_pton(AF_INET, host.c_str(), &host4) != 1) return {};
  return {Binding4(host4)};
}

}  // namespace

uint16_t Binding::port() const {
  // Of both families the port lies in the same place.
  static_assert(offsetof(sockaddr_in, sin_port) ==
                offsetof(sockaddr_in6, sin6_port));
  return family() == AF_UNIX ? uint16_t{0} : ntohs(As<sockaddr_in>().sin_port);
}

void Binding::SetPort(uint16_t port) {
  if (family() == AF_UNIX) return;
  const uint16_t in_order = htons(port);
  std::memcpy(
      reinterpret_cast<std::byte*>(&address) + offsetof(sockaddr_in, sin_port),
      &in_order, sizeof(in_order));
}

std::string Binding::Text() const {
  if (family() == AF_UNIX) {
    return absl::StrCat("unix:", As<sockaddr_un>().sun_path);
  }
  std::array<char, INET6_ADDRSTRLEN> host = {};
  if (family() == AF_INET) {
    const auto address4 = As<sockaddr_in>();
    inet_ntop(AF_INET, &address4.sin_addr, host.data(), host.size());
    return absl::StrCat(host.data(), ":", port());
  }
  const auto address6 = As<sockaddr_in6>();
  inet_ntop(AF_INET6, &address6.sin6_addr, host.data(), host.size());
  return absl::StrCat("[", host.data(), "]:", port());
}

absl::StatusOr<ListenAddress> ListenAddress::Parse(absl::string_view text) {
  ListenAddress parsed;
  parsed.text_ = std::string(text);
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    sockaddr_un local = {};
    if (rest.empty() || rest[0] != '/') {
      return absl::InvalidArgumentError("a unix socket's path is absolute");
    }
    if (rest.size() >= sizeof(local.sun_path)) {
      return absl::InvalidArgumentError("a unix socket's path is too long");
    }
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, rest.data(), rest.size());
    parsed.path_ = std::string(rest);
    parsed.is_loopback_ = true;
    parsed.bindings_.push_back(Binding::Of(local));
    return parsed;
  }
  const size_t colon = rest.rfind(':');
  if (colon == absl::string_view::npos)
    return absl::InvalidArgumentError("no port");
  const absl::string_view digits = rest.substr(colon + 1);
  unsigned port = 0;
  if (digits.empty() ||
      digits.find_first_not_of("0123456789") != absl::string_view::npos ||
      !absl::SimpleAtoi(digits, &port) || port > UINT16_MAX) {
    return absl::InvalidArgumentError("a port is a number from 0 to 65535");
  }
  absl::string_view host = rest.substr(0, colon);
  const bool is_bracketed =
      absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  parsed.bindings_ = BindingsOf(std::string(host), is_bracketed);
  if (parsed.bindings_.empty()) return absl::InvalidArgumentError("no address");
  parsed.is_loopback_ = true;
  for (Binding& binding : parsed.bindings_) {
    binding.SetPort(static_cast<uint16_t>(port));
    parsed.is_loopback_ &= IsLoopback(binding);
  }
  return parsed;
}

bool IsRemoteAddress(absl::string_view text) {
  const absl::StatusOr<ListenAddress> address = ListenAddress::Parse(text);
  return address.ok() && !address->is_loopback();
}

}  // namespace weir
