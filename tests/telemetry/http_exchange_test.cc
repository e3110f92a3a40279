#include "server/telemetry/http_exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "config/listen_address.h"
#include "server/listen/bound_socket.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/visitor.h"
#include "tests/telemetry/http_rig.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::StartsWith;

std::vector<BoundSocket> BindIn(const TemporaryFolder& folder) {
  const std::vector<ListenAddress> addresses = {
      *ListenAddress::Parse("unix:" + folder.path() + "/http.sock")};
  return *BindAll(addresses);
}

// A client, and its exchange at a time that the test says. The client's end
// holds much less than /metrics.
class HttpExchangeTest : public testing::Test {
 protected:
  const TemporaryFolder folder_;
  const std::vector<BoundSocket> sockets_ = BindIn(folder_);
  Visitor client_{sockets_[0].binding()};
  const std::string metrics_ = std::string(4 << 20, 'm');
  const HttpRoutes routes_{HandlersWith(metrics_), {}};
  const TimePoint start_ = TimePoint(seconds(1000));
  HttpExchange exchange_{sockets_[0].Accept(), routes_, seconds(5), start_};
};

TEST_F(HttpExchangeTest, AnswersAHeadThatComesByteByByte) {
  for (const char byte : std::string(kHealthRequest)) {
    EXPECT_EQ(exchange_.events(), POLLIN);
    client_.Send(std::string(1, byte));
    ASSERT_TRUE(exchange_.Advance(start_));
  }
  EXPECT_EQ(client_.Read(15), "HTTP/1.1 200 OK");
}

TEST_F(HttpExchangeTest, WaitsWhereNothingHasCome) {
  ASSERT_TRUE(exchange_.Advance(start_));
  EXPECT_EQ(exchange_.events(), POLLIN);
  EXPECT_EQ(exchange_.deadline(), start_ + seconds(5));
}

TEST_F(HttpExchangeTest, RefusesAHeadThatIsNotThereInTime) {
  client_.Send("GET /healthz HTT");
  ASSERT_TRUE(exchange_.Advance(start_));
  ASSERT_TRUE(exchange_.Advance(start_ + seconds(5) - nanoseconds(1)));
  client_.Send("P/1.1\r\n");
  ASSERT_TRUE(exchange_.Advance(start_ + seconds(5)));
  EXPECT_THAT(client_.ReadToEnd(), StartsWith("HTTP/1.1 408 "));
}

TEST_F(HttpExchangeTest, CutsAnAnswerThatIsNotReadInTime) {
  const TimePoint asked = start_ + seconds(3);
  client_.Send(kMetricsRequest);
  ASSERT_TRUE(exchange_.Advance(asked));
  EXPECT_EQ(exchange_.events(), POLLOUT);
  EXPECT_GT(exchange_.num_answer_bytes(), metrics_.size());
  EXPECT_TRUE(exchange_.Advance(asked + seconds(5) - nanoseconds(1)));
  EXPECT_FALSE(exchange_.Advance(asked + seconds(5)));
}

TEST_F(HttpExchangeTest, SendsALargeAnswerAsItIsRead) {
  client_.Send(kMetricsRequest);
  std::string read;
  while (exchange_.Advance(start_) && exchange_.events() == POLLOUT) {
    read += client_.Read(4096);
  }
  read += client_.ReadToEnd();
  EXPECT_THAT(read, StartsWith("HTTP/1.1 200 "));
  EXPECT_TRUE(absl::EndsWith(read, "\r\n\r\n" + metrics_));
}

TEST_F(HttpExchangeTest, HoldsNothingOnceTheAnswerIsSent) {
  client_.Send(kHealthRequest);
  ASSERT_TRUE(exchange_.Advance(start_));
  EXPECT_EQ(exchange_.num_answer_bytes(), 0U);
  EXPECT_EQ(exchange_.events(), POLLIN);
}

TEST_F(HttpExchangeTest, WaitsForHalfASecondForWhoStaysAfterTheAnswer) {
  client_.Send(kHealthRequest);
  ASSERT_TRUE(exchange_.Advance(start_));
  EXPECT_EQ(exchange_.deadline(), start_ + milliseconds(500));
  EXPECT_TRUE(exchange_.Advance(exchange_.deadline() - nanoseconds(1)));
  EXPECT_FALSE(exchange_.Advance(exchange_.deadline()));
}

TEST_F(HttpExchangeTest, IgnoresNoMoreThanSixtyFourKibibytes) {
  client_.Send(kHealthRequest);
  ASSERT_TRUE(exchange_.Advance(start_));
  int num_parts = 0;
  do {
    client_.Send(std::string(4096, 'x'));
    ++num_parts;
  } while (exchange_.Advance(start_) && num_parts < 100);
  EXPECT_EQ(num_parts, 16);
}

TEST_F(HttpExchangeTest, IsOverWhenTheClientLeavesBeforeItHasAsked) {
  client_.Send("GET /");
  ASSERT_TRUE(exchange_.Advance(start_));
  client_.Leave();
  EXPECT_FALSE(exchange_.Advance(start_));
}

TEST_F(HttpExchangeTest, IsOverWhenTheClientLeavesBeforeItHasRead) {
  client_.Send(kMetricsRequest);
  ASSERT_TRUE(exchange_.Advance(start_));
  client_.Leave();
  EXPECT_FALSE(exchange_.Advance(start_));
}

}  // namespace
}  // namespace weir
