#include "config/listen_address.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> TextsOf(const std::string& text) {
  std::vector<std::string> texts;
  const auto address = ListenAddress::Parse(text);
  if (!address.ok()) return {address.status().ToString()};
  for (const ListenAddress::Binding& binding : address->bindings()) {
    texts.push_back(binding.Text());
  }
  return texts;
}

// Both families of the loopback, and nothing else.
TEST(ListenAddressTest, MeansBothFamiliesByLocalhost) {
  EXPECT_THAT(TextsOf("localhost:8001"),
              ElementsAre("127.0.0.1:8001", "[::1]:8001"));
}

TEST(ListenAddressTest, ReadsAnAddressOfEitherFamily) {
  EXPECT_THAT(TextsOf("192.0.2.7:0"), ElementsAre("192.0.2.7:0"));
  EXPECT_THAT(TextsOf("[2001:db8::1]:65535"),
              ElementsAre("[2001:db8::1]:65535"));
  EXPECT_THAT(TextsOf("*:80"), ElementsAre("0.0.0.0:80", "[::]:80"));
  EXPECT_THAT(TextsOf("unix:/run/weir.sock"),
              ElementsAre("unix:/run/weir.sock"));
}

TEST(ListenAddressTest, KnowsWhatOnlyThisMachineReaches) {
  for (const char* inside : {"localhost:1", "127.0.0.1:1", "127.9.9.9:1",
                             "[::1]:1", "unix:/run/weir.sock"}) {
    EXPECT_TRUE(ListenAddress::Parse(inside)->is_loopback()) << inside;
    EXPECT_FALSE(IsRemoteAddress(inside)) << inside;
  }
  for (const char* outside : {"*:1", "0.0.0.0:1", "[::]:1", "128.0.0.1:1",
                              "126.0.0.1:1", "[::ffff:127.0.0.1]:1"}) {
    EXPECT_FALSE(ListenAddress::Parse(outside)->is_loopback()) << outside;
    EXPECT_TRUE(IsRemoteAddress(outside)) << outside;
  }
  EXPECT_FALSE(IsRemoteAddress("no address"));
}

// R47
TEST(ListenAddressTest, RefusesWhatIsNoAddress) {
  for (const char* text : {"",
                           ":",
                           ":8001",
                           "8001",
                           "localhost",
                           "localhost:",
                           "localhost:-1",
                           "localhost:65536",
                           "localhost:8001x",
                           "localhost: 8001",
                           "localhost:x",
                           "localhost:+1",
                           "127.0.0.1:80,0.0.0.0:81",
                           "[]:8001",
                           "localhost:99999999999999999999",
                           "example.org:8001",
                           "::1:8001",
                           "[::1]",
                           "[::1:8001",
                           "::1]:8001",
                           "[127.0.0.1]:8001",
                           "[localhost]:8001",
                           "[*]:8001",
                           "1.2.3:80",
                           "256.0.0.1:80",
                           "unix:",
                           "unix:weir.sock"}) {
    const auto address = ListenAddress::Parse(text);
    EXPECT_EQ(address.status().code(), absl::StatusCode::kInvalidArgument)
        << text;
    EXPECT_NE(address.status().message(), "") << text;
  }
}

TEST(ListenAddressTest, RefusesAPathThatTheSystemCannotTake) {
  const std::string longest = "unix:/" + std::string(102, 'a');
  EXPECT_TRUE(ListenAddress::Parse(longest).ok());
  EXPECT_THAT(TextsOf("unix:/" + std::string(200, 'a')),
              ElementsAre(HasSubstr("too long")));
}

TEST(ListenAddressTest, ChangesThePortOfABindingAlone) {
  for (const char* text : {"127.0.0.1:80", "[::1]:80"}) {
    ListenAddress::Binding binding =
        ListenAddress::Parse(text)->bindings().front();
    EXPECT_EQ(binding.port(), 80);
    binding.SetPort(8001);
    EXPECT_THAT(TextsOf(binding.Text()), ElementsAre(binding.Text()));
    EXPECT_EQ(binding.port(), 8001);
  }
}

}  // namespace
}  // namespace weir
