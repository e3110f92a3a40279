// The client against a server that says what a test wants.
#include "clients/cpp/client.h"

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/clients/cpp/scripted_server.h"
#include "tests/support/backend_rig.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ClientTest : public testing::Test {
 protected:
  Client Connect(const ClientOptions& options = {}) const {
    return OrDie(Client::Connect(server_.address(), options));
  }
  static InferRequest Ask() {
    return {.model = "m", .inputs = {TensorOf<float>("x", {2}, {1, 2})}};
  }
  // Answers every inference so.
  void Refuse(grpc::StatusCode code, const std::string& message,
              const std::string& pushback = "") {
    server_.infer = [=](grpc::ServerContext& context, const auto&, auto&) {
      if (!pushback.empty()) {
        context.AddTrailingMetadata("grpc-retry-pushback-ms", pushback);
      }
      return grpc::Status(code, message);
    };
  }

  ScriptedServer server_;
};

TEST_F(ClientTest, SendsAllThatARequestSays) {
  InferRequest request = Ask();
  request.version = "7";
  request.id = "17";
  request.outputs = {"b", "a"};
  request.priority = 1;
  request.parameters = {{"flag", true}, {"number", int64_t{-3}}, {"text", "t"}};
  ASSERT_TRUE(Connect().Infer(request).ok());
  const inference::ModelInferRequest sent = server_.Last();
  EXPECT_EQ(sent.model_name(), "m");
  EXPECT_EQ(sent.model_version(), "7");
  EXPECT_EQ(sent.id(), "17");
  ASSERT_EQ(sent.outputs_size(), 2);
  EXPECT_EQ(sent.outputs(0).name(), "b");
  EXPECT_EQ(sent.parameters().at("priority").uint64_param(), 1U);
  EXPECT_TRUE(sent.parameters().at("flag").bool_param());
  EXPECT_EQ(sent.parameters().at("number").int64_param(), -3);
  EXPECT_EQ(sent.parameters().at("text").string_param(), "t");
  EXPECT_THAT(sent.inputs(0).shape(), ElementsAre(2));
}

TEST_F(ClientTest, SendsNoParameterThatWasNotAskedFor) {
  ASSERT_TRUE(Connect().Infer(Ask()).ok());
  EXPECT_EQ(server_.Last().parameters_size(), 0);
}

TEST_F(ClientTest, GivesTheServersCodeAndSentence) {
  Refuse(grpc::StatusCode::NOT_FOUND, "no such model: m");
  const absl::Status status = Connect().Infer(Ask()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "no such model: m");
  EXPECT_EQ(RetryAfter(status), std::nullopt);
}

TEST_F(ClientTest, TellsWhenTheServerWantsToSeeTheRequestAgain) {
  const struct {
    const char* pushback;
    milliseconds expected;
  } cases[] = {{"80", milliseconds(80)},
               {"0", milliseconds(0)},
               {"-1", milliseconds(-1)},
               {"-7", milliseconds(-1)},
               {"soon", milliseconds(-1)}};
  for (const auto& [pushback, expected] : cases) {
    Refuse(grpc::StatusCode::RESOURCE_EXHAUSTED, "queue full", pushback);
    const absl::Status status = Connect().Infer(Ask()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
    EXPECT_EQ(RetryAfter(status), expected) << pushback;
  }
}

TEST_F(ClientTest, EndsACallThatTakesTooLong) {
  server_.infer = [](grpc::ServerContext& context, const auto&, auto&) {
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  };
  const Client client = Connect({.timeout = milliseconds(50)});
  EXPECT_EQ(client.Infer(Ask()).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  InferRequest request = Ask();
  request.timeout = milliseconds(50);
  EXPECT_EQ(Connect().Infer(request).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ClientTest, EndsACallThatNobodyWaitsForToo) {
  server_.infer = [](grpc::ServerContext& context, const auto&, auto&) {
    while (!context.IsCancelled()) std::this_thread::yield();
    return grpc::Status::CANCELLED;
  };
  absl::Status status;
  Connect({.timeout = milliseconds(50)}).InferAsync(Ask(), [&](auto result) {
    status = result.status();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ClientTest, GivesTheServerADeadlineThoughNobodySetOne) {
  std::chrono::system_clock::time_point deadline;
  server_.infer = [&](grpc::ServerContext& context, const auto& request,
                      auto& response) {
    deadline = context.deadline();
    return ScriptedServer::Echo(request, response);
  };
  ASSERT_TRUE(Connect().Infer(Ask()).ok());
  // On the wire it is rounded up.
  EXPECT_LE(deadline,
            std::chrono::system_clock::now() + std::chrono::seconds(31));
}

TEST_F(ClientTest, SendsNothingThatIsNotWhole) {
  InferRequest request = Ask();
  request.inputs[0].bytes.pop_back();
  const absl::Status status = Connect().Infer(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("there are 7 bytes"));
  EXPECT_EQ(server_.Last().model_name(), "");
}

TEST_F(ClientTest, BelievesNoAnswerThatBreaksTheProtocol) {
  const std::vector<std::function<void(inference::ModelInferResponse&)>>
      breaks = {
          [](auto& response) { response.clear_raw_output_contents(); },
          [](auto& response) { response.add_raw_output_contents("extra"); },
          [](auto& response) { response.mutable_outputs(0)->set_shape(0, 3); },
          [](auto& response) {
            response.mutable_outputs(0)->set_datatype("");
          }};
  for (const auto& break_it : breaks) {
    server_.infer = [&](grpc::ServerContext&, const auto& request,
                        auto& response) {
      ScriptedServer::Echo(request, response);
      break_it(response);
      return grpc::Status::OK;
    };
    const absl::Status status = Connect().Infer(Ask()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
    EXPECT_THAT(std::string(status.message()), HasSubstr("the answer"));
  }
}

TEST_F(ClientTest, KeepsMessagesWithinTheirBound) {
  const Client client = Connect({.message_bytes_max = 1000});
  InferRequest request = Ask();
  request.inputs = {TensorOf<float>("x", {300}, std::vector<float>(300))};
  const absl::Status sending = client.Infer(request).status();
  EXPECT_EQ(sending.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(server_.Last().model_name(), "");
  server_.infer = [](grpc::ServerContext&, const auto&, auto& response) {
    response.set_id(std::string(2000, 'i'));
    return grpc::Status::OK;
  };
  const absl::Status receiving = client.Infer(Ask()).status();
  EXPECT_EQ(receiving.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RetryAfter(receiving), std::nullopt);
  EXPECT_TRUE(Connect().Infer(Ask()).ok());
}

TEST_F(ClientTest, CallsBackOnceForEachInferenceBeforeItGoes) {
  constexpr int kCalls = 20;
  std::vector<std::string> ids(kCalls);
  std::atomic<int> num_answers = 0;
  {
    const Client client = Connect();
    for (int i = 0; i < kCalls; ++i) {
      InferRequest request = Ask();
      request.id = std::to_string(i);
      client.InferAsync(std::move(request), [&, i](auto result) {
        if (result.ok()) ids[i] = result->id;
        ++num_answers;
      });
    }
  }
  EXPECT_EQ(num_answers, kCalls);
  for (int i = 0; i < kCalls; ++i) EXPECT_EQ(ids[i], std::to_string(i));
}

TEST_F(ClientTest, IsTheSameConnectionWhenItIsCopied) {
  absl::StatusOr<InferResult> answer;
  {
    std::optional<Client> client = Connect();
    const Client copy = *client;
    client.reset();
    copy.InferAsync(Ask(), [&](auto result) { answer = std::move(result); });
  }
  EXPECT_TRUE(answer.ok());
}

TEST_F(ClientTest, CallsBackWithWhatWentWrong) {
  Refuse(grpc::StatusCode::RESOURCE_EXHAUSTED, "queue full", "80");
  absl::Status status;
  Connect().InferAsync(Ask(), [&](auto result) { status = result.status(); });
  EXPECT_EQ(status.message(), "queue full");
  EXPECT_EQ(RetryAfter(status), milliseconds(80));
}

TEST_F(ClientTest, CallsBackAtOnceWhereNothingCouldBeSent) {
  std::vector<InferRequest> requests(2, Ask());
  requests[0].inputs[0].bytes.clear();
  requests[1].timeout = milliseconds(0);
  for (InferRequest& request : requests) {
    absl::Status status;
    Connect().InferAsync(std::move(request),
                         [&](auto result) { status = result.status(); });
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(ClientTest, SaysAtOnceThatNobodyIsThere) {
  const Client client = Connect();
  ASSERT_TRUE(*client.ServerLive());
  EXPECT_TRUE(client.IsConnected());
  server_.Stop();
  EXPECT_EQ(client.ServerLive().status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_FALSE(client.IsConnected());
}

TEST_F(ClientTest, IsStillConnectedToAServerThatRefuses) {
  Refuse(grpc::StatusCode::UNAVAILABLE, "draining");
  const Client client = Connect();
  EXPECT_EQ(client.Infer(Ask()).status().message(), "draining");
  EXPECT_TRUE(client.IsConnected());
}

TEST_F(ClientTest, RefusesOptionsOutOfBounds) {
  const ClientOptions wrong[] = {
      {.timeout = milliseconds(0)},
      {.timeout = milliseconds(-1)},
      {.message_bytes_max = 0},
      {.message_bytes_max = int64_t{1} << 31},
  };
  for (const ClientOptions& options : wrong) {
    EXPECT_EQ(Client::Connect(server_.address(), options).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(Connect().ServerLive(milliseconds(0)).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(ClientAddressTest, MayBeASocketsPath) {
  const TemporaryFolder folder;
  const ScriptedServer server("unix:" + folder.path() + "/weir.sock");
  const Client client = OrDie(Client::Connect(server.address()));
  EXPECT_TRUE(*client.ServerLive());
}

}  // namespace
}  // namespace weir
