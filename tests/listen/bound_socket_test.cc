#include "server/listen/bound_socket.h"

#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/visitor.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<std::vector<BoundSocket>> Bind(const std::string& text) {
  const std::vector<ListenAddress> addresses = {*ListenAddress::Parse(text)};
  return BindAll(addresses);
}

bool IsThere(const std::string& path) {
  struct stat file = {};
  return lstat(path.c_str(), &file) == 0;
}

class UnixSocketTest : public testing::Test {
 protected:
  const TemporaryFolder folder_;
  const std::string path_ = folder_.path() + "/weir.sock";
  const std::string address_ = "unix:" + path_;
};

TEST(BoundSocketTest, ListensAtBothFamiliesOfLocalhostAtOnePort) {
  const auto sockets = Bind("localhost:0");
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  ASSERT_EQ(sockets->size(), 2U);
  EXPECT_NE((*sockets)[0].binding().port(), 0);
  EXPECT_EQ((*sockets)[0].binding().port(), (*sockets)[1].binding().port());
  for (const BoundSocket& socket : *sockets) {
    EXPECT_TRUE(Visitor(socket.binding()).is_connected())
        << socket.binding().Text();
  }
}

TEST(BoundSocketTest, ListensAtAllAddressesOfBothFamilies) {
  const auto sockets = Bind("*:0");
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  ASSERT_EQ(sockets->size(), 2U);
  for (const char* host : {"127.0.0.1:", "[::1]:"}) {
    const std::string port = std::to_string((*sockets)[0].binding().port());
    const auto address = ListenAddress::Parse(host + port);
    EXPECT_TRUE(Visitor(address->bindings()[0]).is_connected()) << host;
  }
}

TEST(BoundSocketTest, LeavesAPortToItsFirstOwner) {
  const auto first = Bind("127.0.0.1:0");
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string text = (*first)[0].binding().Text();
  const auto second = Bind(text);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(second.status().ToString(),
              HasSubstr("cannot listen at " + text +
                        ": this process does already; list each address "
                        "once, or choose another address (listen.grpc and "
                        "listen.http, or --grpc and --http)"));
}

TEST(BoundSocketTest, LeavesAPortThatIsTakenInOneFamilyAlone) {
  const auto first = Bind("[::1]:0");
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second =
      Bind("localhost:" + std::to_string((*first)[0].binding().port()));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

TEST(BoundSocketTest, BindsAgainAsSoonAsTheFirstIsGone) {
  std::string text;
  {
    const auto first = Bind("127.0.0.1:0");
    ASSERT_TRUE(first.ok()) << first.status();
    text = (*first)[0].binding().Text();
    EXPECT_TRUE(Visitor((*first)[0].binding()).is_connected());
  }
  EXPECT_TRUE(Bind(text).ok());
}

TEST(BoundSocketTest, SaysWhatItCannotBind) {
  const auto socket = Bind("192.0.2.1:0");  // an address for documentation
  EXPECT_EQ(socket.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(socket.status().ToString(),
              HasSubstr("cannot listen at 192.0.2.1:0: "));
}

TEST_F(UnixSocketTest, IsItsOwnersAlone) {
  const mode_t before = umask(0);
  const auto sockets = Bind(address_);
  EXPECT_EQ(umask(before), 0U);  // as it was
  ASSERT_TRUE(sockets.ok()) << sockets.status();
  struct stat file = {};
  ASSERT_EQ(stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
  EXPECT_TRUE(Visitor((*sockets)[0].binding()).is_connected());
}

TEST_F(UnixSocketTest, GoesWithItsName) {
  {
    const auto sockets = Bind(address_);
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    EXPECT_TRUE(IsThere(path_));
  }
  EXPECT_FALSE(IsThere(path_));
}

TEST_F(UnixSocketTest, LeavesANameThatIsSomebodyElsesByThen) {
  {
    const auto sockets = Bind(address_);
    ASSERT_TRUE(sockets.ok()) << sockets.status();
    unlink(path_.c_str());
    folder_.Write("weir.sock", "mine");
  }
  EXPECT_TRUE(IsThere(path_));
}

TEST_F(UnixSocketTest, TakesOverTheNameOfADeadServer) {
  const std::string kept = path_ + ".kept";
  {
    const auto dead = Bind(address_);
    ASSERT_TRUE(dead.ok()) << dead.status();
    ASSERT_EQ(link(path_.c_str(), kept.c_str()), 0);
  }
  ASSERT_EQ(rename(kept.c_str(), path_.c_str()), 0);
  const auto next = Bind(address_);
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_TRUE(Visitor((*next)[0].binding()).is_connected());
}

TEST_F(UnixSocketTest, LeavesTheNameOfALivingServerOrOfAFile) {
  {
    const auto living = Bind(address_);
    ASSERT_TRUE(living.ok()) << living.status();
    EXPECT_EQ(Bind(address_).status().code(), absl::StatusCode::kUnavailable);
    EXPECT_TRUE(Visitor((*living)[0].binding()).is_connected());
  }
  folder_.Write("weir.sock", "not a socket");
  const absl::Status file = Bind(address_).status();
  EXPECT_EQ(file.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(file.ToString(), HasSubstr("a file is there already; remove it"));
  EXPECT_TRUE(IsThere(path_));
}

}  // namespace
}  // namespace weir
