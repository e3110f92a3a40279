// Messages that are begun and never ended, by as many calls as may be.
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "tests/rpc/http2_client.h"
#include "tests/rpc/rpc_rig.h"

namespace weir {
namespace {

using Frame = Http2Client::Frame;

constexpr uint32_t kCalls = 100;
constexpr int64_t kMessageBytes = 100'000;
constexpr int64_t kFrameBytes = 15'000;
constexpr int kFrames = 4;

// A client that sends the beginning of a message in each of its calls, within
// the windows that it is given.
class Beginner {
 public:
  explicit Beginner(const std::string& address) : client_(address) {
    client_.Greet();
  }

  // False once the server has given up one of the calls, or all.
  bool BeginAll() {
    for (uint32_t i = 0; i < kCalls; ++i) {
      if (!Begin(2 * i + 1)) return false;
    }
    client_.Send(Frame{kHttp2Settings}.Bytes());
    return AwaitThat([](const Frame& frame) {
      return frame.type == kHttp2Settings && frame.flags == kHttp2Ack;
    });
  }

 private:
  bool Begin(uint32_t stream) {
    client_.Send(Http2Client::Headers(stream, CallTo("ModelInfer")));
    std::string bytes = BigEndian(0, 1) + BigEndian(kMessageBytes, 4);
    bytes.resize(kFrameBytes);
    for (int i = 0; i < kFrames; ++i) {
      if (!AwaitRoom()) return false;
      client_.Send(Frame{kHttp2Data, 0, stream, bytes}.Bytes());
      room_ -= kFrameBytes;
    }
    return true;
  }

  bool AwaitRoom() {
    if (room_ >= kFrameBytes) return true;
    return AwaitThat([this](const Frame&) { return room_ >= kFrameBytes; });
  }

  template <typename Condition>
  bool AwaitThat(const Condition& is_met) {
    while (const std::optional<Frame> frame = client_.Next()) {
      if (frame->type == kHttp2Reset) return false;
      if (frame->type == kHttp2WindowUpdate && frame->stream == 0) {
        for (size_t i = 0, more = 0; i < 4; ++i) {
          more = more << 8 | static_cast<uint8_t>(frame->payload[i]);
          if (i == 3) room_ += static_cast<int64_t>(more);
        }
      }
      if (is_met(*frame)) return true;
    }
    return false;
  }

  Http2Client client_;
  int64_t room_ = 65'535;
};

TEST(UnfinishedMessageTest, IsGivenUpWhereAllOfThemTakeTooMuch) {
  Config config;
  config.queue.total_bytes_max = kKibibyte;
  RpcRig rig(config);
  // 6 MB each, where 4 MiB are let be.
  std::vector<Beginner> beginners;
  bool are_all_kept = true;
  for (int i = 0; i < RpcRig::kConnectionsMax - 1 && are_all_kept; ++i) {
    beginners.emplace_back(rig.server->addresses()[0]);
    are_all_kept = beginners.back().BeginAll();
  }
  EXPECT_FALSE(are_all_kept);
  const auto is_served = [&] {
    grpc::ClientContext context;
    inference::ServerLiveResponse response;
    return rig.stub->ServerLive(&context, {}, &response).ok();
  };
  // Whoever behaves may have to come again.
  while (!is_served()) std::this_thread::yield();
}

}  // namespace
}  // namespace weir
