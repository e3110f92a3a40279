#include "server/telemetry/http_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "server/telemetry/status_page.h"

namespace weir {
namespace {

using testing::StartsWith;

HttpHandlers SomeHandlers() {
  return {.metrics = [] { return std::string("m 1\n"); },
          .health = [] { return absl::OkStatus(); },
          .ready = [] { return absl::UnavailableError("model x is loading"); },
          .status_json = [] { return std::string("{}"); },
          .status_page = [] { return std::string("<html>"); }};
}

HttpReply Answer(const HttpRequest& request,
                 std::vector<std::string> hosts = {"127.0.0.1"}) {
  return HttpRoutes(SomeHandlers(), std::move(hosts)).Answer(request);
}

HttpReply Get(absl::string_view path, absl::string_view accept = "") {
  return Answer({.method = "GET",
                 .path = path,
                 .host = "localhost:8002",
                 .accept = accept});
}

int CodeForHost(absl::string_view host, std::vector<std::string> hosts) {
  return Answer({.method = "GET", .path = "/healthz", .host = host},
                std::move(hosts))
      .code;
}

TEST(HttpRoutesTest, ShowsMetricsInTheTextFormat) {
  const HttpReply reply = Get("/metrics");
  EXPECT_EQ(reply.code, 200);
  EXPECT_EQ(reply.body, "m 1\n");
  EXPECT_THAT(reply.content_type, StartsWith("text/plain; version=0.0.4"));
}

TEST(HttpRoutesTest, SaysWhyItIsNotReady) {
  EXPECT_EQ(Get("/healthz").code, 200);
  EXPECT_EQ(Get("/readyz").code, 503);
  EXPECT_EQ(Get("/readyz").body, "model x is loading\n");
}

TEST(HttpRoutesTest, ShowsThePageToBrowsersAndJsonToPrograms) {
  EXPECT_EQ(Get("/status", "text/html,application/xml;q=0.9").body, "<html>");
  EXPECT_EQ(Get("/status", "*/*").body, "{}");
  EXPECT_EQ(Get("/status").content_type, "application/json");
}

TEST(HttpRoutesTest, LetsThePageAloneRunAScript) {
  EXPECT_EQ(Get("/status", "text/html").policy, kStatusPagePolicy);
  EXPECT_EQ(Get("/status").policy,
            "default-src 'none'; frame-ancestors 'none'");
  EXPECT_EQ(Get("/metrics").policy, Get("/status").policy);
}

// SEC-14: exact paths.
TEST(HttpRoutesTest, KnowsExactPathsAlone) {
  for (const char* path : {"", "/", "/metrics/", "//metrics", "/Metrics",
                           "/metricsx", "/x/../metrics", "*"}) {
    EXPECT_EQ(Get(path).code, 404) << path;
  }
}

TEST(HttpRoutesTest, RefusesOtherMethodsAndSaysWhichThereAre) {
  for (const char* method :
       {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", ""}) {
    const HttpReply reply =
        Answer({.method = method, .path = "/metrics", .host = "localhost"});
    EXPECT_EQ(reply.code, 405) << method;
    EXPECT_EQ(reply.allow, "GET, HEAD");
  }
}

TEST(HttpRoutesTest, GoesByLoopbackNames) {
  for (const char* host : {"localhost", "LocalHost:1", "127.0.0.1:8002",
                           "127.1.2.3", "[::1]", "[::1]:8002"}) {
    EXPECT_EQ(CodeForHost(host, {}), 200) << host;
  }
}

// A page whose name was resolved to this machine sends its own name.
TEST(HttpRoutesTest, RefusesTheHostsOfOthers) {
  for (const char* host :
       {"", "evil.org", "evil.org:8002", "localhost.evil.org",
        "127.0.0.1.evil.org", "10.0.0.1", "[::2]", "::1", "[::1", "[]",
        "localhost:", "localhost:x", "localhost:80:80",
        "127.0.0.1, localhost"}) {
    EXPECT_EQ(CodeForHost(host, {"127.0.0.1", "::1"}), 421) << host;
  }
}

TEST(HttpRoutesTest, GoesByTheHostsItListensOn) {
  EXPECT_EQ(CodeForHost("10.0.0.1:8002", {"10.0.0.1"}), 200);
  EXPECT_EQ(CodeForHost("GPU1.internal:8002", {"gpu1.internal"}), 200);
  EXPECT_EQ(CodeForHost("10.0.0.2", {"10.0.0.1"}), 421);
}

TEST(HttpRoutesTest, GoesByAnyAddressButNoNameOnAWildcard) {
  EXPECT_EQ(CodeForHost("10.0.0.1:8002", {"0.0.0.0"}), 200);
  EXPECT_EQ(CodeForHost("[fe80::1]:8002", {"::"}), 200);
  EXPECT_EQ(CodeForHost("evil.org:8002", {"0.0.0.0", "::"}), 421);
}

}  // namespace
}  // namespace weir
