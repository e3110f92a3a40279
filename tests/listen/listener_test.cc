#include "server/listen/listener.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/mutex.h"
#include "tests/support/visitor.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ListenerTest : public testing::Test {
 protected:
  void Start(const std::string& text, int connections_max) {
    const std::vector<ListenAddress> addresses = {*ListenAddress::Parse(text)};
    auto sockets = BindAll(addresses);
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    for (const BoundSocket& socket : *sockets) {
      bindings_.push_back(socket.binding());
    }
    listener_ = *Listener::Start(
        *std::move(sockets),
        {.connections_max = connections_max,
         .take = [this](Descriptor taken) { Take(std::move(taken)); },
         .warn = [this](const std::string& sentence) { Warn(sentence); }});
  }

  void Take(Descriptor taken) {
    MutexLock lock(mutex_);
    taken_.push_back(std::move(taken));
    changed_.NotifyAll();
  }
  void Warn(const std::string& sentence) {
    MutexLock lock(mutex_);
    warnings_.push_back(sentence);
    changed_.NotifyAll();
  }
  void AwaitTaken(size_t number) {
    MutexLock lock(mutex_);
    while (taken_.size() < number) changed_.Wait(mutex_);
  }
  void AwaitWarning() {
    MutexLock lock(mutex_);
    while (warnings_.empty()) changed_.Wait(mutex_);
  }
  // As their owner would.
  void CloseOldest() {
    MutexLock lock(mutex_);
    taken_.pop_front();
  }
  std::vector<std::string> Warnings() {
    MutexLock lock(mutex_);
    return warnings_;
  }
  // In a test, so that its descriptors are gone before the listener's.
  std::unique_ptr<Visitor> Visit(size_t binding = 0) {
    return std::make_unique<Visitor>(bindings_[binding]);
  }

  std::vector<ListenAddress::Binding> bindings_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<Descriptor> taken_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::string> warnings_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Listener> listener_;
};

TEST_F(ListenerTest, HandsOnWhoComesAtAnyAddress) {
  Start("localhost:0", 8);
  EXPECT_EQ(listener_->addresses().size(), bindings_.size());
  EXPECT_EQ(listener_->addresses()[0], bindings_[0].Text());
  std::vector<std::unique_ptr<Visitor>> visitors;
  for (size_t i = 0; i < bindings_.size(); ++i) visitors.push_back(Visit(i));
  AwaitTaken(bindings_.size());
  EXPECT_THAT(Warnings(), IsEmpty());
}

// As many connections as may be, and no more.
TEST_F(ListenerTest, RefusesAtOnceWhoIsOneTooMany) {
  Start("127.0.0.1:0", 2);
  const auto one = Visit();
  const auto two = Visit();
  AwaitTaken(2);
  EXPECT_TRUE(Visit()->IsRefused());
  EXPECT_TRUE(Visit()->IsRefused());
  EXPECT_THAT(Warnings(), ElementsAre("refusing connections: 2 are open, which "
                                      "is limits.connections_max"));
}

TEST_F(ListenerTest, TakesAgainOnceOneHasGone) {
  Start("127.0.0.1:0", 2);
  const auto one = Visit();
  const auto two = Visit();
  AwaitTaken(2);
  EXPECT_TRUE(Visit()->IsRefused());
  CloseOldest();
  const auto three = Visit();
  AwaitTaken(2);
  EXPECT_TRUE(Visit()->IsRefused());
  EXPECT_EQ(Warnings().size(), 2U);  // once for each time that it began
}

TEST_F(ListenerTest, CountsTheConnectionsOfAUnixSocketToo) {
  Start("unix:" + testing::TempDir() + "/listener_test.sock", 1);
  for (int i = 0; i < 3; ++i) {
    const auto visitor = Visit();
    AwaitTaken(1);
    EXPECT_TRUE(Visit()->IsRefused());
    CloseOldest();
  }
}

// A file that takes the number of a connection that was closed is none.
TEST_F(ListenerTest, IsNotMisledByADescriptorUsedAgain) {
  Start("127.0.0.1:0", 1);
  const auto first = Visit();
  AwaitTaken(1);
  CloseOldest();
  std::deque<Descriptor> files;
  for (int i = 0; i < 8; ++i) files.emplace_back(open("/dev/null", O_RDONLY));
  const auto second = Visit();
  AwaitTaken(1);
  EXPECT_THAT(Warnings(), IsEmpty());
}

// With no descriptor left it goes on as soon as there is one.
TEST_F(ListenerTest, OutlivesAShortageOfDescriptors) {
  Start("127.0.0.1:0", 100);
  const Descriptor visitor(socket(AF_INET, SOCK_STREAM, 0));
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(Descriptor(dup(visitor.get())).get());
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  const int result = connect(
      visitor.get(), reinterpret_cast<const sockaddr*>(&bindings_[0].address),
      bindings_[0].size);
  AwaitWarning();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(result, 0);
  EXPECT_THAT(Warnings(), ElementsAre(HasSubstr("no file descriptor left")));
  char byte = 0;
  EXPECT_LE(recv(visitor.get(), &byte, sizeof(byte), 0), 0);  // refused
  const auto next = Visit();
  AwaitTaken(1);
}

TEST_F(ListenerTest, RefusesWhoComesAfterItStopped) {
  Start("127.0.0.1:0", 8);
  const auto before = Visit();
  AwaitTaken(1);
  listener_->Stop();
  EXPECT_FALSE(Visit()->is_connected());
  listener_->Stop();
}

TEST_F(ListenerTest, EndsWhoWasTakenOnceAllIsSent) {
  Start("127.0.0.1:0", 8);
  const auto visitor = Visit();
  AwaitTaken(1);
  listener_->Stop();
  MutexLock lock(mutex_);
  char byte = 'x';
  EXPECT_EQ(send(taken_.front().get(), &byte, 1, 0), 1);
  listener_->EndConnections();
  EXPECT_EQ(visitor->ReadToEnd(), "x");
  EXPECT_EQ(send(taken_.front().get(), &byte, 1, MSG_NOSIGNAL), -1);
}

// Whom a reset reached before it has read all would have lost the rest.
TEST_F(ListenerTest, ResetsNobodyWhoSendsAfterItsEnd) {
  Start("127.0.0.1:0", 8);
  const auto visitor = Visit();
  AwaitTaken(1);
  listener_->Stop();
  MutexLock lock(mutex_);
  char byte = 'x';
  EXPECT_EQ(send(taken_.front().get(), &byte, 1, 0), 1);
  listener_->EndConnections();
  visitor->Send("yz");
  EXPECT_EQ(recv(taken_.front().get(), &byte, 1, 0), 1);
  EXPECT_EQ(byte, 'y');
  EXPECT_EQ(visitor->ReadToEnd(), "x");
}

TEST_F(ListenerTest, LeavesWhoWasTakenAloneWhenItGoes) {
  Start("127.0.0.1:0", 8);
  const auto visitor = Visit();
  AwaitTaken(1);
  listener_.reset();
  MutexLock lock(mutex_);
  const char byte = 'x';
  EXPECT_EQ(send(taken_.front().get(), &byte, 1, 0), 1);
  EXPECT_FALSE(visitor->IsRefused());
}

}  // namespace
}  // namespace weir
