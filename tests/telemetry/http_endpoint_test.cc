#include "server/telemetry/http_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "config/listen_address.h"
#include "server/telemetry/status_page.h"
#include "tests/support/temporary_folder.h"
#include "tests/telemetry/http_rig.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// One for all tests: none of them changes it.
class HttpEndpointTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    endpoint = StartHttp("localhost:0")->release();
  }
  static void TearDownTestSuite() { delete std::exchange(endpoint, nullptr); }

  static std::string Exchange(const std::string& bytes) {
    return ExchangeAt(endpoint->addresses()[0], bytes);
  }
  static std::string Request(const std::string& line,
                             const std::string& headers = "") {
    return Exchange(absl::StrCat(line, " HTTP/1.1\r\nHost: localhost\r\n",
                                 headers, "\r\n"));
  }

  inline static HttpEndpoint* endpoint = nullptr;
};

TEST_F(HttpEndpointTest, AnswersEachPath) {
  EXPECT_THAT(Request("GET /metrics"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                                             EndsWith("\r\n\r\nm 1\n")));
  EXPECT_THAT(Request("GET /healthz"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Request("GET /readyz"), AllOf(StartsWith("HTTP/1.1 503 "),
                                            EndsWith("\r\n\r\nloading\n")));
  EXPECT_THAT(Request("GET /status"), EndsWith("\r\n\r\n{}"));
  EXPECT_THAT(Request("GET /status", "Accept: text/html\r\n"),
              EndsWith("\r\n\r\n<html>"));
}

TEST_F(HttpEndpointTest, TellsBrowsersToTakeNothingForSomethingElse) {
  EXPECT_THAT(
      Request("GET /status", "Accept: text/html\r\n"),
      AllOf(HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"),
            HasSubstr("\r\nReferrer-Policy: no-referrer\r\n"),
            HasSubstr("\r\nCross-Origin-Resource-Policy: same-origin\r\n"),
            HasSubstr("\r\nCache-Control: no-store\r\n"),
            HasSubstr(absl::StrCat(
                "\r\nContent-Security-Policy: ", kStatusPagePolicy, "\r\n"))));
}

TEST_F(HttpEndpointTest, SendsTheHeadAloneToHead) {
  EXPECT_THAT(Request("HEAD /metrics"),
              AllOf(HasSubstr("Content-Length: 4\r\n"), EndsWith("\r\n\r\n")));
}

TEST_F(HttpEndpointTest, RefusesWhatChangesThings) {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    EXPECT_THAT(
        Request(absl::StrCat(method, " /metrics"), "Content-Length: 0\r\n"),
        AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")))
        << method;
  }
}

TEST_F(HttpEndpointTest, KnowsNoPathThatLeadsElsewhere) {
  for (const char* path : {"/", "/metrics/", "/x/../metrics", "//metrics",
                           "/../../etc/passwd", "/%2e%2e/etc/passwd"}) {
    EXPECT_THAT(Request(absl::StrCat("GET ", path)),
                AllOf(StartsWith("HTTP/1.1 404 "), Not(HasSubstr("root:"))))
        << path;
  }
}

// SEC-14: no DNS rebinding.
TEST_F(HttpEndpointTest, RefusesTheHostsOfOthers) {
  EXPECT_THAT(Exchange("GET /metrics HTTP/1.1\r\nHost: evil.org\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 421 "), Not(HasSubstr("m 1"))));
  EXPECT_THAT(Exchange("GET http://evil.org/metrics HTTP/1.1\r\nHost: "
                       "evil.org\r\n\r\n"),
              Not(HasSubstr("m 1")));
  EXPECT_THAT(Exchange("GET /metrics HTTP/1.0\r\n\r\n"), Not(HasSubstr("m 1")));
}

TEST_F(HttpEndpointTest, LetsNoPageOfOthersReadAnAnswer) {
  const std::string origin =
      "Origin: http://evil.org\r\nAccess-Control-Request-Method: GET\r\n";
  EXPECT_THAT(Request("GET /metrics", origin),
              Not(HasSubstr("Access-Control-Allow")));
  EXPECT_THAT(Request("OPTIONS /metrics", origin),
              AllOf(StartsWith("HTTP/1.1 405 "),
                    Not(HasSubstr("Access-Control-Allow"))));
}

TEST_F(HttpEndpointTest, TakesAHeadOfSevenKibibytes) {
  const std::string filler(7 * 1024, 'x');
  EXPECT_THAT(Request("GET /metrics", absl::StrCat("X: ", filler, "\r\n")),
              StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpEndpointTest, AnswersARequestThatBringsABody) {
  const std::string body(48 * 1024, 'x');
  EXPECT_THAT(
      Request("POST /metrics",
              absl::StrCat("Content-Length: ", body.size(), "\r\n\r\n", body)),
      StartsWith("HTTP/1.1 405 "));
}

TEST_F(HttpEndpointTest, RefusesAHeadOfMoreThanEightKibibytes) {
  const std::string filler(9 * 1024, 'x');
  EXPECT_THAT(Request("GET /metrics", absl::StrCat("X: ", filler, "\r\n")),
              StartsWith("HTTP/1.1 431 "));
}

TEST_F(HttpEndpointTest, RefusesWhatIsNoHttp) {
  EXPECT_THAT(Exchange(std::string("\x16\x03\x01\0\x05hello\r\n\r\n", 14)),
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Exchange("GET\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Request("GET /metrics"), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpEndpointTest, ListensOnEachAddressOfLocalhost) {
  for (const std::string& address : endpoint->addresses()) {
    EXPECT_EQ(
        ListenAddress::Parse(address)->bindings()[0].port(),
        ListenAddress::Parse(endpoint->addresses()[0])->bindings()[0].port());
    EXPECT_THAT(
        ExchangeAt(address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        StartsWith("HTTP/1.1 200 "))
        << address;
  }
}

TEST_F(HttpEndpointTest, GoesByTheAddressItListensOnAndByNoOther) {
  const auto wide = StartHttp("*:0");
  ASSERT_TRUE(wide.ok()) << wide.status();
  const std::string address = (*wide)->addresses()[0];
  EXPECT_THAT(
      ExchangeAt(address, "GET /healthz HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n"),
      StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(Exchange("GET /healthz HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n"),
              StartsWith("HTTP/1.1 421 "));
}

TEST_F(HttpEndpointTest, AnswersOnAUnixSocketToLoopbackNamesAlone) {
  const TemporaryFolder folder;
  const std::string address = "unix:" + folder.path() + "/http.sock";
  const auto local = StartHttp(address);
  ASSERT_TRUE(local.ok()) << local.status();
  EXPECT_EQ((*local)->addresses()[0], address);
  EXPECT_THAT(
      ExchangeAt(address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
      StartsWith("HTTP/1.1 200 "));
  for (const char* host : {"", "unix", "evil.org"}) {
    EXPECT_THAT(ExchangeAt(address,
                           absl::StrCat("GET /healthz HTTP/1.1\r\nHost: ", host,
                                        "\r\n\r\n")),
                StartsWith("HTTP/1.1 421 "));
  }
}

// SEC-14: a client that never ends its head is cut off.
TEST_F(HttpEndpointTest, CutsOffAHeadThatTakesTooLong) {
  const auto hasty =
      StartHttp("127.0.0.1:0", {.head_time_max = milliseconds(50)});
  ASSERT_TRUE(hasty.ok());
  EXPECT_THAT(ExchangeAt((*hasty)->addresses()[0],
                         "GET /metrics HTTP/1.1\r\nHost: local"),
              StartsWith("HTTP/1.1 408 "));
}

}  // namespace
}  // namespace weir
