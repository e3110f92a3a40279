#include "server/telemetry/http_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weir {
namespace {

TEST(HttpHeadTest, ReadsWhatRoutesLookAt) {
  const auto request = ParseHttpHead(
      "GET /status?a=/metrics HTTP/1.1\r\nHOST: \tlocalhost:1 \r\n"
      "accept: text/html\r\nX:");
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(request->method, "GET");
  EXPECT_EQ(request->path, "/status");
  EXPECT_EQ(request->host, "localhost:1");
  EXPECT_EQ(request->accept, "text/html");
}

TEST(HttpHeadTest, HasNoHostWhereNoneWasSent) {
  EXPECT_EQ(ParseHttpHead("GET / HTTP/1.0")->host, "");
}

TEST(HttpHeadTest, RefusesWhatIsNoRequestLine) {
  for (const char* head :
       {"", "\r\n", "GET", "GET /", "GET / HTTP/2.0", "GET / HTTP/1.1 ",
        "GET  HTTP/1.1", " / HTTP/1.1", "GET ?x HTTP/1.1", "GET / http/1.1",
        "GET /a b HTTP/1.1"}) {
    EXPECT_FALSE(ParseHttpHead(head).has_value()) << head;
  }
}

TEST(HttpHeadTest, RefusesLinesThatOthersMayReadOtherwise) {
  for (const char* line :
       {"no colon", ": no name", "Host : a", " Host: a", "\tfolded: b"}) {
    EXPECT_FALSE(ParseHttpHead(std::string("GET / HTTP/1.1\r\n") + line))
        << line;
  }
}

TEST(HttpHeadTest, RefusesASecondHost) {
  EXPECT_FALSE(
      ParseHttpHead("GET / HTTP/1.1\r\nHost: localhost\r\nhost: localhost"));
}

}  // namespace
}  // namespace weir
