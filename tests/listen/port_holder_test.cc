#include "server/listen/port_holder.h"

#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "backend/descriptor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/listen/bound_socket.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using ::testing::HasSubstr;
using Binding = ListenAddress::Binding;

Binding BindingOf(const std::string& text) {
  return ListenAddress::Parse(text)->bindings().front();
}

absl::StatusCode CodeOfBindingAll(const std::string& text) {
  const std::vector<ListenAddress> addresses = {*ListenAddress::Parse(text)};
  return BindAll(addresses).status().code();
}

// A process beside this one that alone listens at an address, until this object
// or this process ends. It listens as programs do that leave all as it is: at
// [::] for IPv4 too.
class OtherProcess {
 public:
  explicit OtherProcess(const std::string& address)
      : binding_(BindingOf(address)), lifeline_(*OpenPipe()) {
    const Descriptor listener(socket(binding_.family(), SOCK_STREAM, 0));
    auto* where = reinterpret_cast<sockaddr*>(&binding_.address);
    EXPECT_EQ(bind(listener.get(), where, binding_.size), 0);
    EXPECT_EQ(listen(listener.get(), 1), 0);
    EXPECT_EQ(getsockname(listener.get(), where, &binding_.size), 0);
    pid_ = fork();
    if (pid_ != 0) return;
    lifeline_.write.Close();
    char ignored = 0;
    (void)!read(lifeline_.read.get(), &ignored, 1);
    _exit(0);
  }
  ~OtherProcess() {
    lifeline_.write.Close();
    waitpid(pid_, nullptr, 0);
  }

  const Binding& binding() const { return binding_; }
  std::string port() const { return std::to_string(binding_.port()); }
  std::string Text() const {
    return "listen_test (process " + std::to_string(pid_) + ")";
  }

 private:
  Binding binding_;
  DescriptorPair lifeline_;
  pid_t pid_ = -1;
};

std::string HolderText(const Binding& binding) {
  const std::optional<PortHolder> holder = HolderOf(binding);
  return holder.has_value() ? holder->Text() : "nobody";
}

TEST(PortHolderTest, NamesTheProcessThatListensThere) {
  for (const char* address : {"127.0.0.1:0", "[::1]:0", "*:0"}) {
    const OtherProcess other(address);
    EXPECT_EQ(HolderText(other.binding()), other.Text()) << address;
  }
}

TEST(PortHolderTest, NamesTheProcessThatListensAtAUnixSocket) {
  const TemporaryFolder folder;
  const std::string path = folder.path() + "/a socket";
  const OtherProcess other("unix:" + path);
  EXPECT_EQ(HolderText(other.binding()), other.Text());
  EXPECT_EQ(HolderText(BindingOf("unix:" + path + "2")), "nobody");
}

TEST(PortHolderTest, NamesWhoeverListensAtAllAddresses) {
  const OtherProcess all4("0.0.0.0:0");
  EXPECT_EQ(HolderText(BindingOf("127.0.0.1:" + all4.port())), all4.Text());
  const OtherProcess all6("[::]:0");
  EXPECT_EQ(HolderText(BindingOf("[::1]:" + all6.port())), all6.Text());
  EXPECT_EQ(HolderText(BindingOf("127.0.0.1:" + all6.port())), all6.Text());
}

TEST(PortHolderTest, NamesWhoeverListensAtOneAddressWhereAllAreWanted) {
  const OtherProcess one4("127.0.0.1:0");
  EXPECT_EQ(HolderText(BindingOf("0.0.0.0:" + one4.port())), one4.Text());
  const OtherProcess one6("[::1]:0");
  EXPECT_EQ(HolderText(BindingOf("[::]:" + one6.port())), one6.Text());
}

TEST(PortHolderTest, NamesNobodyWhereTheAddressIsFree) {
  const OtherProcess other("127.0.0.1:0");
  for (const std::string host : {"127.0.0.2:", "[::1]:", "[::]:"}) {
    EXPECT_EQ(HolderText(BindingOf(host + other.port())), "nobody") << host;
  }
  EXPECT_EQ(HolderText(BindingOf("127.0.0.1:0")), "nobody");
}

TEST(PortHolderTest, NamesSomebodyWhereverOneCannotListen) {
  const OtherProcess all6("[::]:0");
  const OtherProcess one4("127.0.0.1:0");
  for (const OtherProcess* other : {&all6, &one4}) {
    for (const std::string host :
         {"127.0.0.1:", "127.0.0.2:", "0.0.0.0:", "[::1]:", "[::]:"}) {
      const std::string text = host + other->port();
      if (CodeOfBindingAll(text) != absl::StatusCode::kUnavailable) continue;
      EXPECT_EQ(HolderText(BindingOf(text)), other->Text()) << text;
    }
  }
}

TEST(PortHolderTest, IsNamedWhereNobodyElseCanListen) {
  const OtherProcess other("127.0.0.1:0");
  const std::vector<ListenAddress> addresses = {
      *ListenAddress::Parse("127.0.0.1:" + other.port())};
  const absl::Status status = BindAll(addresses).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(status.message(), "cannot listen at 127.0.0.1:" + other.port() +
                                  ": " + other.Text() +
                                  " does already; end it, or choose another "
                                  "address (listen.grpc and listen.http, or "
                                  "--grpc and --http)");
}

TEST(PortHolderTest, KeepsAProgramsNameInOneLine) {
  EXPECT_EQ((PortHolder{.process = 7, .program = "a\nb\x1b"}).Text(),
            "a\\nb\\x1b (process 7)");
  EXPECT_THAT((PortHolder{.process = 7}).Text(), HasSubstr("a program"));
}

}  // namespace
}  // namespace weir
