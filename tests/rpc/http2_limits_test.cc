// Clients that keep HTTP/2's letter and not its spirit, or neither.
#include <chrono>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "tests/rpc/http2_client.h"
#include "tests/rpc/rpc_rig.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

using Frame = Http2Client::Frame;

constexpr uint32_t kStreamsMax = 100;
constexpr uint32_t kHeaderListBytesMax = 16 * 1024;

class Http2LimitsTest : public testing::Test {
 protected:
  Http2Client NewClient() { return Http2Client(rig_.server->addresses()[0]); }

  // Whether somebody else, who behaves, is answered.
  bool ServesOthers() {
    grpc::ClientContext context;
    inference::ServerLiveResponse response;
    return rig_.stub->ServerLive(&context, {}, &response).ok();
  }

  RpcRig rig_;
};

TEST_F(Http2LimitsTest, AnnouncesItsBounds) {
  Http2Client client = NewClient();
  const std::string settings = client.Greet();
  const std::string streams_max = BigEndian(3, 2) + BigEndian(kStreamsMax, 4);
  EXPECT_THAT(settings, HasSubstr(streams_max));
  const std::string header_list_bytes_max =
      BigEndian(6, 2) + BigEndian(kHeaderListBytesMax, 4);
  EXPECT_THAT(settings, HasSubstr(header_list_bytes_max));
}

// What gRPC does instead differs: 1.51 ends another of the connection's calls.
TEST_F(Http2LimitsTest, AnswersNoCallAboveTheBoundOfAConnection) {
  Http2Client client = NewClient();
  client.Greet();
  for (uint32_t i = 0; i < kStreamsMax; ++i) {
    client.Send(Http2Client::Headers(2 * i + 1, CallTo("ModelInfer")));
  }
  EXPECT_TRUE(client.IsHeard());
  const uint32_t stream = 2 * kStreamsMax + 1;
  const std::string nothing(5, '\0');
  client.Send(Http2Client::Headers(stream, CallTo("ServerLive")) +
              Frame{kHttp2Data, kHttp2EndStream, stream, nothing}.Bytes());
  std::optional<Frame> frame = client.Next();
  while (frame.has_value() && frame->type != kHttp2Headers &&
         frame->type != kHttp2Reset) {
    frame = client.Next();
  }
  EXPECT_FALSE(frame.has_value() && frame->type == kHttp2Headers &&
               frame->stream == stream);
  EXPECT_TRUE(ServesOthers());
}

TEST_F(Http2LimitsTest, OutlivesCallsThatAreResetAsFastAsTheyAreMade) {
  Http2Client client = NewClient();
  client.Greet();
  const std::string headers = CallTo("ModelInfer");
  const std::string reason = BigEndian(8, 4);
  for (uint32_t round = 0; round < 100; ++round) {
    std::string bytes;
    for (uint32_t i = 0; i < 100; ++i) {
      const uint32_t stream = 2 * (100 * round + i) + 1;
      bytes += Http2Client::Headers(stream, headers);
      bytes += Frame{kHttp2Reset, 0, stream, reason}.Bytes();
    }
    client.Send(bytes);
    ASSERT_TRUE(client.IsHeard());
    ASSERT_TRUE(ServesOthers());
  }
}

// gRPC 1.51 counts each frame of the headers for itself.
TEST_F(Http2LimitsTest, RefusesAHeaderListThatIsTooLong) {
  for (const size_t times : {5U, 10'000U}) {
    Http2Client client = NewClient();
    client.Greet();
    // Four kilobytes that are put into the table, and then a byte each time.
    const std::string kept = "\x40" + HpackText("x") +
                             HpackText(std::string(4000, 'v')) +
                             std::string(times, '\xBE');
    client.Send(Http2Client::Headers(1, CallTo("ServerLive") + kept));
    const std::optional<Frame> answer = client.Await(kHttp2Headers);
    ASSERT_TRUE(answer.has_value());
    EXPECT_THAT(answer->payload, HasSubstr("exceeds limit"));
    EXPECT_TRUE(ServesOthers());
  }
}

TEST_F(Http2LimitsTest, OutlivesHeadersThatAreBroken) {
  const std::vector<std::string> blocks = {
      "\x80",                                          // number 0
      "\xFF\xFF\xFF\xFF\xFF\x0F",                      // number 4,294,967,422
      "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF",  // a number without end
      "\x3F\xE1\xFF\xFF\x03",                          // a table of 8 MB
      std::string("\0\x7F\xFF\xFF\xFF\xFF\x0F", 7),    // a name of 4 GB
      "\x40\x0Aname",                                  // a name cut short
  };
  for (const std::string& block : blocks) {
    Http2Client client = NewClient();
    client.Greet();
    client.Send(Http2Client::Headers(1, block));
    EXPECT_TRUE(ServesOthers());
  }
}

TEST_F(Http2LimitsTest, ServesOthersWhileConnectionsAreUnfinished) {
  const std::string headers = Http2Client::Headers(1, CallTo("ModelInfer"));
  const std::string message = BigEndian(0, 1) + BigEndian(1000, 4) + "begun";
  const std::vector<std::string> beginnings = {
      headers.substr(0, 5),
      headers.substr(0, 20),
      headers,
      Http2Client::Headers(1, CallTo("ModelInfer"), 0),
      headers + Frame{kHttp2Data, 0, 1, message}.Bytes(),
  };
  Http2Client silent = NewClient();
  Http2Client hesitant = NewClient();
  hesitant.Send("PRI * HTT");
  std::vector<Http2Client> clients;
  for (const std::string& beginning : beginnings) {
    clients.push_back(NewClient());
    clients.back().Greet();
    clients.back().Send(beginning);
  }
  EXPECT_TRUE(ServesOthers());
}

// Asks clients as often as this whether they are there.
Config AskingOften(Duration timeout) {
  Config config;
  config.limits.keepalive_interval = std::chrono::milliseconds(50);
  config.limits.keepalive_timeout = timeout;
  return config;
}

TEST(KeepaliveTest, ClosesAConnectionWhoseClientDoesNotAnswer) {
  const RpcRig rig(AskingOften(std::chrono::milliseconds(50)));
  Http2Client client(rig.server->addresses()[0]);
  client.Greet();
  while (client.Next().has_value()) {
  }
}

TEST(KeepaliveTest, KeepsAConnectionWhoseClientAnswers) {
  const RpcRig rig(AskingOften(std::chrono::minutes(1)));
  Http2Client client(rig.server->addresses()[0]);
  client.Greet();
  for (int i = 0; i < 10; ++i) {
    const std::optional<Frame> ping = client.Await(kHttp2Ping);
    ASSERT_TRUE(ping.has_value());
    client.Send(Frame{kHttp2Ping, kHttp2Ack, 0, ping->payload}.Bytes());
  }
  EXPECT_TRUE(client.IsHeard());
}

}  // namespace
}  // namespace weir
