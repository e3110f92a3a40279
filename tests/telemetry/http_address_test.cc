#include "server/telemetry/http_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Parsed(const std::string& text) {
  const auto addresses = ParseHttpAddress(text);
  if (!addresses.ok()) return "refused";
  std::string all;
  for (const HttpAddress& address : *addresses) all += address.Text() + " ";
  return all;
}

TEST(HttpAddressTest, ReadsBothFamilies) {
  EXPECT_EQ(Parsed("127.0.0.1:8002"), "127.0.0.1:8002 ");
  EXPECT_EQ(Parsed("[::1]:0"), "[::1]:0 ");
  EXPECT_EQ(Parsed("0.0.0.0:65535"), "0.0.0.0:65535 ");
}

TEST(HttpAddressTest, TakesLocalhostForBothLoopbackAddresses) {
  EXPECT_THAT(Parsed("localhost:8002"), StartsWith("127.0.0.1:8002 "));
}

TEST(HttpAddressTest, RefusesWhatIsNoAddress) {
  for (const char* text :
       {"", "8002", ":8002", "localhost", "localhost:", "localhost:x",
        "localhost:-1", "localhost:+1", "localhost:65536", "::1:8002",
        "[::1:8002", "[::1]", "[]:1", "[127.0.0.1]:1", "1.2.3:1",
        "example.org:1", "127.0.0.1:80,0.0.0.0:81", "127.0.0.1:8002s"}) {
    EXPECT_EQ(Parsed(text), "refused") << text;
  }
}

TEST(HttpAddressTest, QuotesWhatItRefuses) {
  EXPECT_THAT(std::string(ParseHttpAddress("nowhere").status().message()),
              HasSubstr("\"nowhere\""));
}

TEST(HttpAddressTest, KnowsLoopbackAndWildcardAddresses) {
  EXPECT_TRUE(IsLoopback("127.8.9.1") && IsLoopback("::1"));
  EXPECT_FALSE(IsLoopback("128.0.0.1") || IsLoopback("127.evil.org"));
  EXPECT_TRUE(IsWildcard("0.0.0.0") && IsWildcard("::"));
  EXPECT_FALSE(IsWildcard("0.0.0.1") || IsWildcard("::1"));
}

}  // namespace
}  // namespace weir
