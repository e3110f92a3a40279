#include "server/listen/bound_socket.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "config/status_macros.h"
#include "server/listen/port_holder.h"

namespace weir {
namespace {

using Binding = ListenAddress::Binding;

// Clients that knock while the server is busy taking others.
constexpr int kBacklog = 1024;
// A port that is free in one family may be taken in the other.
constexpr int kPortTriesMax = 16;

// Who, or what, keeps the address from us.
std::string OccupantOf(const Binding& binding) {
  const std::optional<PortHolder> holder = HolderOf(binding);
  if (!holder.has_value()) {
    return binding.family() == AF_UNIX ? "a file is there already; remove it"
                                       : "another program does already; end it";
  }
  if (holder->process == getpid()) {
    return "this process does already; list each address once";
  }
  return absl::StrCat(holder->Text(), " does already; end it");
}

absl::Status CannotListen(const Binding& binding, int error) {
  const std::string text =
      absl::StrCat("cannot listen at ", binding.Text(), ": ");
  if (error == EADDRINUSE) {
    return absl::UnavailableError(
        absl::StrCat(text, OccupantOf(binding),
                     ", or choose another address (listen.grpc and "
                     "listen.http, or --grpc and --http)"));
  }
  const std::string whole = absl::StrCat(text, std::strerror(error));
  return error == EACCES ? absl::PermissionDeniedError(whole)
                         : absl::FailedPreconditionError(whole);
}

bool IsFamilyMissing(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

void SetFlag(int descriptor, int level, int name) {
  const int on = 1;
  setsockopt(descriptor, level, name, &on, sizeof(on));
}

Descriptor OpenSocket(int family) {
#ifdef __APPLE__
  Descriptor opened(socket(family, SOCK_STREAM, 0));
  if (opened.is_open()) fcntl(opened.get(), F_SETFD, FD_CLOEXEC);
#else
  Descriptor opened(socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
#endif
  if (!opened.is_open()) return opened;
  fcntl(opened.get(), F_SETFL, O_NONBLOCK);
  if (family != AF_UNIX) {
    // Not SO_REUSEPORT: a second server would silently take half of the calls.
    SetFlag(opened.get(), SOL_SOCKET, SO_REUSEADDR);
    SetFlag(opened.get(), IPPROTO_TCP, TCP_NODELAY);
  }
  if (family == AF_INET6) SetFlag(opened.get(), IPPROTO_IPV6, IPV6_V6ONLY);
  return opened;
}

const sockaddr* AddressOf(const Binding& binding) {
  return reinterpret_cast<const sockaddr*>(&binding.address);
}

// Zero, or errno.
int BindAndListen(int descriptor, Binding& binding) {
  if (bind(descriptor, AddressOf(binding), binding.size) != 0) return errno;
  if (listen(descriptor, kBacklog) != 0) return errno;
  if (binding.family() == AF_UNIX) return 0;
  socklen_t size = sizeof(binding.address);
  const int result = getsockname(
      descriptor, reinterpret_cast<sockaddr*>(&binding.address), &size);
  return result == 0 ? 0 : errno;
}

// Whether a socket has that name and nobody listens at it any more.
bool IsLeftBehind(const Binding& binding, const std::string& path) {
  struct stat file = {};
  if (lstat(path.c_str(), &file) != 0 || !S_ISSOCK(file.st_mode)) return false;
  const Descriptor visitor = OpenSocket(AF_UNIX);
  return connect(visitor.get(), AddressOf(binding), binding.size) != 0 &&
         errno == ECONNREFUSED;
}

absl::StatusOr<BoundSocket> BindUnix(const ListenAddress& address) {
  Binding binding = address.bindings().front();
  Descriptor opened = OpenSocket(AF_UNIX);
  if (!opened.is_open()) return CannotListen(binding, errno);
  if (IsLeftBehind(binding, address.path())) unlink(address.path().c_str());
  const mode_t before = umask(S_IRWXG | S_IRWXO | S_IXUSR);
  const int error = BindAndListen(opened.get(), binding);
  umask(before);
  if (error != 0) return CannotListen(binding, error);
  BoundSocket bound(std::move(opened), binding);
  bound.OwnName(address.path());
  return bound;
}

// Binds all families at the port that the first one gets. No value: that port
// is not free in all of them, and another may be.
absl::StatusOr<std::optional<std::vector<BoundSocket>>> TryPort(
    const ListenAddress& address) {
  std::vector<BoundSocket> bound;
  const bool is_any_port = address.bindings().front().port() == 0;
  int missing = 0;
  for (Binding binding : address.bindings()) {
    if (is_any_port && !bound.empty()) {
      binding.SetPort(bound.front().binding().port());
    }
    Descriptor opened = OpenSocket(binding.family());
    const int error =
        opened.is_open() ? BindAndListen(opened.get(), binding) : errno;
    if (error == 0) {
      bound.emplace_back(std::move(opened), binding);
      continue;
    }
    if (error == EADDRINUSE && is_any_port && !bound.empty()) {
      return std::nullopt;
    }
    if (!IsFamilyMissing(error)) return CannotListen(binding, error);
    missing = error;
  }
  if (bound.empty()) {
    return CannotListen(address.bindings().front(), missing);
  }
  return bound;
}

absl::StatusOr<std::vector<BoundSocket>> BindTcp(const ListenAddress& address) {
  for (int i = 0; i < kPortTriesMax; ++i) {
    WEIR_ASSIGN_OR_RETURN(auto bound, TryPort(address));
    if (bound.has_value()) return *std::move(bound);
  }
  return CannotListen(address.bindings().front(), EADDRINUSE);
}

}  // namespace

Descriptor BoundSocket::Accept() const {
#ifdef __APPLE__
  Descriptor taken(accept(descriptor(), nullptr, nullptr));
  if (taken.is_open()) {
    fcntl(taken.get(), F_SETFD, FD_CLOEXEC);
    fcntl(taken.get(), F_SETFL, O_NONBLOCK);
    SetFlag(taken.get(), SOL_SOCKET, SO_NOSIGPIPE);
  }
  return taken;
#else
  return Descriptor(
      accept4(descriptor(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
#endif
}

bool IsShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS ||
         error == ENOMEM;
}

void BoundSocket::OwnName(const std::string& path) {
  struct stat file = {};
  if (lstat(path.c_str(), &file) != 0) return;
  path_ = path;
  device_ = file.st_dev;
  inode_ = file.st_ino;
}

void BoundSocket::RemoveName() {
  struct stat file = {};
  if (!descriptor_.is_open() || path_.empty()) return;
  if (lstat(path_.c_str(), &file) != 0) return;
  if (file.st_dev == device_ && file.st_ino == inode_) unlink(path_.c_str());
}

absl::StatusOr<std::vector<BoundSocket>> BindAll(
    absl::Span<const ListenAddress> addresses) {
  std::vector<BoundSocket> all;
  for (const ListenAddress& address : addresses) {
    if (!address.path().empty()) {
      WEIR_ASSIGN_OR_RETURN(BoundSocket bound, BindUnix(address));
      all.push_back(std::move(bound));
      continue;
    }
    WEIR_ASSIGN_OR_RETURN(std::vector<BoundSocket> bound, BindTcp(address));
    for (BoundSocket& one : bound) all.push_back(std::move(one));
  }
  return all;
}

std::vector<std::string> TextsOf(const std::vector<BoundSocket>& sockets) {
  std::vector<std::string> texts;
  for (const BoundSocket& socket : sockets) {
    texts.push_back(socket.binding().Text());
  }
  return texts;
}

}  // namespace weir
