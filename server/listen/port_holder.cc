#include "server/listen/port_holder.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

#ifdef __APPLE__
#include <libproc.h>
#include <sys/proc_info.h>
#else
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/strings/numbers.h"
#endif

namespace weir {
namespace {

using Binding = ListenAddress::Binding;

in6_addr Host6(const Binding& binding) {
  return binding.As<sockaddr_in6>().sin6_addr;
}

uint32_t Host4(const Binding& binding) {
  return binding.As<sockaddr_in>().sin_addr.s_addr;
}

bool IsSame(const in6_addr& one, const in6_addr& other) {
  return std::memcmp(&one, &other, sizeof(one)) == 0;
}

// Whether a socket that listens at `theirs` keeps `ours` from being bound.
bool Excludes(const Binding& theirs, const Binding& ours) {
  if (ours.family() == AF_UNIX || theirs.family() == AF_UNIX) {
    return theirs.family() == ours.family() && theirs.Text() == ours.Text();
  }
  if (theirs.port() != ours.port()) return false;
  if (ours.family() == AF_INET6) {
    if (theirs.family() != AF_INET6) return false;  // ours is of IPv6 alone
    return IsSame(Host6(theirs), in6addr_any) ||
           IsSame(Host6(ours), in6addr_any) ||
           IsSame(Host6(theirs), Host6(ours));
  }
  // A socket of IPv6 may be one of IPv4 too.
  if (theirs.family() == AF_INET6) return IsSame(Host6(theirs), in6addr_any);
  return Host4(theirs) == INADDR_ANY || Host4(ours) == INADDR_ANY ||
         Host4(theirs) == Host4(ours);
}

#ifdef __APPLE__

// Where the socket behind a descriptor listens.
std::optional<Binding> PlaceOf(const socket_info& socket) {
  if (socket.soi_kind == SOCKINFO_UN) {
    if ((socket.soi_options & SO_ACCEPTCONN) == 0) return std::nullopt;
    return Binding::Of(socket.soi_proto.pri_un.unsi_addr.ua_sun);
  }
  if (socket.soi_kind != SOCKINFO_TCP ||
      socket.soi_proto.pri_tcp.tcpsi_state != TSI_S_LISTEN) {
    return std::nullopt;
  }
  const in_sockinfo& info = socket.soi_proto.pri_tcp.tcpsi_ini;
  const auto port = static_cast<in_port_t>(info.insi_lport);
  if ((info.insi_vflag & INI_IPV6) != 0) {
    sockaddr_in6 address = {};
    address.sin6_family = AF_INET6;
    address.sin6_port = port;
    address.sin6_addr = info.insi_laddr.ina_6;
    return Binding::Of(address);
  }
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = port;
  address.sin_addr = info.insi_laddr.ina_46.i46a_addr4;
  return Binding::Of(address);
}

std::vector<pid_t> AllProcesses() {
  // As many bytes as there are now, and room for some that start meanwhile.
  constexpr int kRoom = 64;
  const int now = proc_listpids(PROC_ALL_PIDS, 0, nullptr, 0);
  if (now <= 0) return {};
  std::vector<pid_t> pids(static_cast<size_t>(now) / sizeof(pid_t) + kRoom);
  const int got = proc_listpids(PROC_ALL_PIDS, 0, pids.data(),
                                static_cast<int>(pids.size() * sizeof(pid_t)));
  pids.resize(got <= 0 ? 0 : static_cast<size_t>(got) / sizeof(pid_t));
  return pids;
}

std::vector<proc_fdinfo> DescriptorsOf(pid_t pid) {
  const int now = proc_pidinfo(pid, PROC_PIDLISTFDS, 0, nullptr, 0);
  if (now <= 0) return {};  // gone, or another user's
  std::vector<proc_fdinfo> all(static_cast<size_t>(now) / sizeof(proc_fdinfo));
  const int got =
      proc_pidinfo(pid, PROC_PIDLISTFDS, 0, all.data(),
                   static_cast<int>(all.size() * sizeof(proc_fdinfo)));
  all.resize(got <= 0 ? 0 : static_cast<size_t>(got) / sizeof(proc_fdinfo));
  return all;
}

bool Holds(pid_t pid, const Binding& binding) {
  for (const proc_fdinfo& descriptor : DescriptorsOf(pid)) {
    socket_fdinfo info = {};
    if (descriptor.proc_fdtype != PROX_FDTYPE_SOCKET ||
        proc_pidfdinfo(pid, descriptor.proc_fd, PROC_PIDFDSOCKETINFO, &info,
                       sizeof(info)) != sizeof(info)) {
      continue;
    }
    const std::optional<Binding> place = PlaceOf(info.psi);
    if (place.has_value() && Excludes(*place, binding)) return true;
  }
  return false;
}

std::optional<PortHolder> FindHolder(const Binding& binding) {
  for (const pid_t pid : AllProcesses()) {
    if (pid <= 0 || !Holds(pid, binding)) continue;
    std::array<char, 2 * MAXCOMLEN + 1> name = {};
    proc_name(pid, name.data(), name.size());
    return PortHolder{.process = pid, .program = name.data()};
  }
  return std::nullopt;
}

#else

// The address of a line of /proc/net/tcp or tcp6, "0100007F:1F41": the port is
// a number, the host the words of the address as numbers of this machine.
std::optional<Binding> ParsePlace(const std::string& text) {
  constexpr size_t kWordDigits = 8;
  const size_t colon = text.find(':');
  uint32_t port = 0;
  if (colon == std::string::npos ||
      !absl::SimpleHexAtoi(text.substr(colon + 1), &port)) {
    return std::nullopt;
  }
  std::array<uint32_t, 4> words = {};
  const size_t num_words = colon / kWordDigits;
  if (num_words != 1 && num_words != words.size()) return std::nullopt;
  for (size_t i = 0; i < num_words; ++i) {
    if (!absl::SimpleHexAtoi(text.substr(i * kWordDigits, kWordDigits),
                             &words.at(i))) {
      return std::nullopt;
    }
  }
  if (num_words == 1) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = words[0];
    return Binding::Of(address);
  }
  sockaddr_in6 address = {};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<uint16_t>(port));
  std::memcpy(&address.sin6_addr, words.data(), sizeof(address.sin6_addr));
  return Binding::Of(address);
}

using Inodes = std::vector<std::string>;

// The sockets of /proc/net/tcp or tcp6 that listen where we would like to.
void AddTcpInodes(const char* table, const Binding& binding, Inodes& inodes) {
  constexpr char kListening[] = "0A";
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);  // the headings
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string state;
    std::string ignored;
    std::string inode;
    fields >> number >> local >> remote >> state;
    for (int i = 0; i < 5; ++i) fields >> ignored;  // queues to time-out
    if (!(fields >> inode) || state != kListening) continue;
    const std::optional<Binding> place = ParsePlace(local);
    if (place.has_value() && Excludes(*place, binding)) {
      inodes.push_back(inode);
    }
  }
}

void AddUnixInodes(const Binding& binding, Inodes& inodes) {
  constexpr char kListening[] = "00010000";  // the flag __SO_ACCEPTCON
  const std::string place = binding.As<sockaddr_un>().sun_path;
  std::ifstream file("/proc/net/unix");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string ignored;
    std::string flags;
    std::string inode;
    std::string path;
    fields >> ignored >> ignored >> ignored >> flags >> ignored >> ignored;
    fields >> inode >> std::ws;
    std::getline(fields, path);
    if (flags == kListening && path == place) inodes.push_back(inode);
  }
}

// Whether a process has one of the sockets open.
bool Holds(const std::filesystem::path& process, const Inodes& inodes) {
  std::error_code error;  // gone, or another user's
  std::filesystem::directory_iterator files(process / "fd", error);
  for (; !error && files != std::filesystem::directory_iterator();
       files.increment(error)) {
    std::error_code closed;
    const std::string target =
        std::filesystem::read_symlink(files->path(), closed).string();
    const auto is_it = [&](const std::string& inode) {
      return target == absl::StrCat("socket:[", inode, "]");
    };
    if (std::any_of(inodes.begin(), inodes.end(), is_it)) return true;
  }
  return false;
}

std::optional<PortHolder> FindHolder(const Binding& binding) {
  Inodes inodes;
  if (binding.family() == AF_UNIX) {
    AddUnixInodes(binding, inodes);
  } else {
    AddTcpInodes("/proc/net/tcp", binding, inodes);
    AddTcpInodes("/proc/net/tcp6", binding, inodes);
  }
  std::error_code error;
  std::filesystem::directory_iterator all("/proc", error);
  if (inodes.empty()) return std::nullopt;
  for (; !error && all != std::filesystem::directory_iterator();
       all.increment(error)) {
    PortHolder holder;
    if (!absl::SimpleAtoi(all->path().filename().string(), &holder.process) ||
        !Holds(all->path(), inodes)) {
      continue;
    }
    std::ifstream name(all->path() / "comm");
    std::getline(name, holder.program);
    return holder;
  }
  return std::nullopt;
}

#endif

}  // namespace

std::string PortHolder::Text() const {
  // A program names itself as it likes.
  return absl::StrCat(program.empty() ? "a program" : absl::CHexEscape(program),
                      " (process ", process, ")");
}

std::optional<PortHolder> HolderOf(const Binding& binding) {
  return FindHolder(binding);
}

}  // namespace weir
