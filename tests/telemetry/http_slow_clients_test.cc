#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <deque>
#include <memory>
#include <string>

#include "backend/descriptor.h"
#include "config/listen_address.h"
#include "server/telemetry/http_endpoint.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/visitor.h"
#include "tests/telemetry/http_rig.h"

namespace weir {
namespace {

using testing::StartsWith;

constexpr size_t kMebibyte = size_t{1} << 20;
// More than are open at a time, by far.
constexpr int kNumSlow = 200;

// An endpoint whose clients have time enough: nothing here passes because
// somebody's time is up.
class HttpSlowClientsTest : public testing::Test {
 protected:
  void Start(HttpEndpoint::Options options, size_t metrics_size = 1) {
    options.head_time_max = std::chrono::hours(1);
    endpoint_ = *StartHttp(address_, options, std::string(metrics_size, 'm'));
  }
  // A client that sends that and does nothing more.
  const Visitor& Add(const std::string& bytes) {
    clients_.emplace_back(ListenAddress::Parse(address_)->bindings()[0]);
    clients_.back().WaitAtMost(std::chrono::seconds(20));
    clients_.back().Send(bytes);
    return clients_.back();
  }
  void AddMany(const std::string& bytes) {
    for (int i = 0; i < kNumSlow; ++i) Add(bytes);
  }
  // Returns once all who came before were looked at.
  std::string AskForHealth() const {
    return ExchangeAt(address_, kHealthRequest);
  }

  const TemporaryFolder folder_;
  // A system holds little of what is not read here.
  const std::string address_ = "unix:" + folder_.path() + "/http.sock";
  std::unique_ptr<HttpEndpoint> endpoint_;
  std::deque<Visitor> clients_;
};

TEST_F(HttpSlowClientsTest, AnswersOthersWhileManySendHalfAHead) {
  Start({});
  AddMany("GET /");
  EXPECT_THAT(AskForHealth(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpSlowClientsTest, AnswersOthersWhileManySendNothing) {
  Start({});
  AddMany("");
  EXPECT_THAT(AskForHealth(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpSlowClientsTest, AnswersOthersWhileManyReadNothing) {
  Start({}, 2 * kMebibyte);
  AddMany(kMetricsRequest);
  EXPECT_THAT(AskForHealth(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpSlowClientsTest, AnswersOneThatIsSlowAmongOthers) {
  Start({});
  const Visitor& slow = Add("GET /hea");
  EXPECT_THAT(AskForHealth(), StartsWith("HTTP/1.1 200 "));
  slow.Send("lthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(slow.ReadToEnd(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpSlowClientsTest, ClosesTheOneThatHasWaitedLongest) {
  Start({.connections_max = 3});
  for (int i = 0; i < 4; ++i) Add("GET /");
  EXPECT_TRUE(clients_[0].IsRefused());
  for (int i = 1; i < 4; ++i) {
    clients_[i].Send(" HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_THAT(clients_[i].ReadToEnd(), StartsWith("HTTP/1.1 404 ")) << i;
  }
}

TEST_F(HttpSlowClientsTest, ClosesTheOneThatHasLeftItsAnswerUnreadForLongest) {
  Start({.answer_bytes_max = 7 * kMebibyte}, 2 * kMebibyte);
  const Visitor& slow = Add("GET /hea");
  for (int i = 0; i < 4; ++i) Add(kMetricsRequest).Read(1);
  EXPECT_LT(clients_[1].ReadToEnd().size(), 2 * kMebibyte);
  for (int i = 2; i < 5; ++i) {
    EXPECT_GT(clients_[i].ReadToEnd().size(), 2 * kMebibyte) << i;
  }
  slow.Send("lthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(slow.ReadToEnd(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpSlowClientsTest, TakesClientsAgainOnceThereIsRoom) {
  Start({}, 2 * kMebibyte);
  const Visitor& reader = Add(kMetricsRequest);
  reader.Read(1);
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit one_more = before;
  one_more.rlim_cur = static_cast<rlim_t>(Descriptor(dup(0)).get()) + 1;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &one_more), 0);
  const Visitor& newcomer = Add(kHealthRequest);
  // Others are served meanwhile, and the newcomer is tried between.
  const size_t num_read = reader.ReadToEnd().size();
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_GT(num_read, 2 * kMebibyte);
  EXPECT_THAT(newcomer.ReadToEnd(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(HttpSlowClientsTest, EndsAtOnceWhoeverIsStillThere) {
  Start({}, 2 * kMebibyte);
  Add("");
  Add("GET /");
  Add(kMetricsRequest);
  EXPECT_THAT(AskForHealth(), StartsWith("HTTP/1.1 200 "));
  endpoint_.reset();
  EXPECT_TRUE(clients_[1].IsRefused());
}

}  // namespace
}  // namespace weir
