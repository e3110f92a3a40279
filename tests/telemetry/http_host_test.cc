#include "server/telemetry/http_host.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(HttpHostTest, LeavesPortAndBracketsOut) {
  EXPECT_EQ(HttpHostOf("127.0.0.1:8002"), "127.0.0.1");
  EXPECT_EQ(HttpHostOf("[::1]:8002"), "::1");
  EXPECT_EQ(HttpHostOf("[::1]"), "::1");
  EXPECT_EQ(HttpHostOf("LocalHost"), "localhost");
}

TEST(HttpHostTest, IsEmptyWhereThereIsNone) {
  for (const char* text : {"", "[::1", "[]", "localhost:", "localhost:x",
                           ":8002", "unix:/run/weir.sock"}) {
    EXPECT_EQ(HttpHostOf(text), "") << text;
  }
}

TEST(HttpHostTest, KnowsLoopbackAndWildcardAddresses) {
  EXPECT_TRUE(IsLoopback("127.8.9.1") && IsLoopback("::1"));
  EXPECT_FALSE(IsLoopback("128.0.0.1") || IsLoopback("127.evil.org"));
  EXPECT_TRUE(IsWildcard("0.0.0.0") && IsWildcard("::"));
  EXPECT_FALSE(IsWildcard("0.0.0.1") || IsWildcard("::1"));
}

}  // namespace
}  // namespace weir
