#include "server/listen/listener.h"

#include <fcntl.h>
#include <poll.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "config/status_macros.h"
#include "sync/check.h"

namespace weir {
namespace {

// Clients of one address before those of the next have their turn.
constexpr int kTakenAtOnceMax = 64;
// How long nobody is taken where nobody can even be refused.
constexpr int kPauseMs = 100;

Descriptor OpenSpare() {
  return Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Start(
    std::vector<BoundSocket> sockets, Options options) {
  WEIR_CHECK(!sockets.empty() && options.take && options.warn,
             "a listener has sockets, and somebody who takes");
  WEIR_ASSIGN_OR_RETURN(DescriptorPair wake, OpenPipe());
  return std::unique_ptr<Listener>(
      new Listener(std::move(sockets), std::move(options), std::move(wake)));
}

Listener::Listener(std::vector<BoundSocket> sockets, Options options,
                   DescriptorPair wake)
    : sockets_(std::move(sockets)),
      addresses_(TextsOf(sockets_)),
      options_(std::move(options)),
      wake_(std::move(wake)),
      open_(options_.connections_max),
      spare_(OpenSpare()),
      thread_("weir-accept", [this] { Loop(); }) {}

void Listener::Stop() {
  const char byte = 0;
  // A full pipe wakes as well; the last byte stays for all later polls.
  (void)!write(wake_.write.get(), &byte, sizeof(byte));
  thread_.Join();
  sockets_.clear();
}

void Listener::Loop() {
  std::vector<pollfd> waits = {{wake_.read.get(), POLLIN, 0}};
  for (const BoundSocket& socket : sockets_) {
    waits.push_back({socket.descriptor(), POLLIN, 0});
  }
  while (true) {
    // Without a spare a client could neither be taken nor refused.
    if (!spare_.is_open()) spare_ = OpenSpare();
    const bool pauses = std::exchange(must_pause_, false) || !spare_.is_open();
    const int ready =
        poll(waits.data(), pauses ? 1 : waits.size(), pauses ? kPauseMs : -1);
    if (ready < 0) {
      WEIR_CHECK(errno == EINTR, "a listener can wait for its sockets");
      continue;
    }
    if (waits[0].revents != 0) return;
    if (pauses) continue;
    for (size_t i = 1; i < waits.size(); ++i) {
      if (waits[i].revents != 0) TakeAll(sockets_[i - 1]);
    }
  }
}

void Listener::TakeAll(const BoundSocket& socket) {
  for (int i = 0; i < kTakenAtOnceMax && TakeOne(socket); ++i) {
  }
}

bool Listener::TakeOne(const BoundSocket& socket) {
  Descriptor taken = socket.Accept();
  if (!taken.is_open()) {
    // Anything else befell one client, who has gone: ECONNABORTED and its like.
    return IsShortage(errno) ? RefuseWithSpare(socket) : errno != EAGAIN;
  }
  if (!open_.Add(taken.get())) {
    Refuse(absl::StrCat("refusing connections: ", options_.connections_max,
                        " are open, which is limits.connections_max"));
    return true;
  }
  is_refusing_ = false;
  options_.take(std::move(taken));
  return true;
}

void Listener::Refuse(const std::string& why) {
  if (!std::exchange(is_refusing_, true)) options_.warn(why);
}

bool Listener::RefuseWithSpare(const BoundSocket& socket) {
  Refuse(
      "refusing connections: the process has no file descriptor left; see "
      "the limits of the service, or ulimit -n");
  spare_.Close();
  const bool was_there = socket.Accept().is_open();
  must_pause_ = !was_there && IsShortage(errno);
  spare_ = OpenSpare();
  return was_there && spare_.is_open();
}

}  // namespace weir
