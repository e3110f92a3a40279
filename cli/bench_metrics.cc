#include "cli/bench_metrics.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmath>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "config/status_macros.h"

namespace weir {
namespace {

constexpr size_t kAnswerBytesMax = size_t{4} << 20;
constexpr int kWaitSeconds = 2;
constexpr absl::string_view kSeries = "process_cpu_seconds_total ";

#ifdef MSG_NOSIGNAL
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;  // the socket's SO_NOSIGPIPE says it
#endif

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  const int descriptor_;
};

// Bounds each wait of the socket, connecting too.
void BoundWaits(const Socket& socket) {
  const timeval wait{.tv_sec = kWaitSeconds, .tv_usec = 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
#ifdef SO_NOSIGPIPE
  const int yes = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
}

absl::Status SendAll(const Socket& socket, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size =
        send(socket.get(), bytes.data(), bytes.size(), kSendFlags);
    if (size <= 0) return absl::UnavailableError("it takes no request");
    bytes.remove_prefix(static_cast<size_t>(size));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReceiveAll(const Socket& socket) {
  std::string answer;
  char block[16384];
  while (true) {
    const ssize_t size = recv(socket.get(), block, sizeof block, 0);
    if (size == 0) return answer;
    if (size < 0) return absl::UnavailableError("it gives no answer");
    answer.append(block, static_cast<size_t>(size));
    if (answer.size() > kAnswerBytesMax) {
      return absl::UnavailableError("it answers without end");
    }
  }
}

absl::StatusOr<std::string> Ask(const addrinfo& place,
                                const std::string& address) {
  const Socket socket(
      ::socket(place.ai_family, place.ai_socktype, place.ai_protocol));
  BoundWaits(socket);
  if (connect(socket.get(), place.ai_addr, place.ai_addrlen) != 0) {
    return absl::UnavailableError(absl::StrCat("nothing answers at ", address));
  }
  WEIR_RETURN_IF_ERROR(
      SendAll(socket, absl::StrCat("GET /metrics HTTP/1.1\r\nHost: ", address,
                                   "\r\nConnection: close\r\n\r\n")));
  return ReceiveAll(socket);
}

}  // namespace

absl::StatusOr<double> CpuSecondsIn(absl::string_view answer) {
  if (!absl::StartsWith(answer, "HTTP/1.1 200") &&
      !absl::StartsWith(answer, "HTTP/1.0 200")) {
    return absl::UnavailableError("it answers with no metrics");
  }
  for (absl::string_view line : absl::StrSplit(answer, '\n')) {
    double seconds = 0;
    if (!absl::ConsumePrefix(&line, kSeries)) continue;
    if (absl::SimpleAtod(line, &seconds) && std::isfinite(seconds)) {
      return seconds;
    }
  }
  return absl::UnavailableError(absl::StrCat(
      "it does not tell ", absl::StripTrailingAsciiWhitespace(kSeries)));
}

absl::StatusOr<double> ReadCpuSeconds(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return absl::UnavailableError("that is no HOST:PORT");
  }
  // [::1] is written so for the colons in it.
  std::string host = address.substr(0, colon);
  if (absl::StartsWith(host, "[") && absl::EndsWith(host, "]")) {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* places = nullptr;
  if (getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints,
                  &places) != 0) {
    return absl::UnavailableError(absl::StrCat("nobody knows ", host));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(places,
                                                             &freeaddrinfo);
  absl::StatusOr<std::string> answer = absl::UnavailableError("no address");
  for (const addrinfo* place = places; place != nullptr && !answer.ok();
       place = place->ai_next) {
    answer = Ask(*place, address);
  }
  WEIR_RETURN_IF_ERROR(answer.status());
  return CpuSecondsIn(*answer);
}

}  // namespace weir
