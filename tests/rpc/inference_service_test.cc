// The service as a client sees it, over real sockets.
#include "server/rpc/inference_service.h"

#include <array>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "grpc/support/time.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "tests/rpc/infer_request.h"
#include "tests/rpc/rpc_rig.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

using inference::ModelInferRequest;
using inference::ModelInferResponse;

std::vector<float> FloatsOf(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

class InferenceServiceTest : public testing::Test {
 protected:
  void Load(const std::string& name, const FakeScript& script,
            const ModelConfig& config = {}) {
    rig_.backend.Script(name, script);
    rig_.pipeline.Load({.name = name, .version = 3, .config = config});
  }
  grpc::Status Infer(const ModelInferRequest& request,
                     ModelInferResponse& response) {
    grpc::ClientContext context;
    return rig_.stub->ModelInfer(&context, request, &response);
  }
  RpcRig rig_;
};

TEST_F(InferenceServiceTest, AnswersWhatTheModelMakesOfTheInput) {
  Load("m", {.compute = FakeCompute::kAffine, .scale = 2, .offset = 1});
  ModelInferRequest request = RequestOf("m", {1, 2, 3});
  request.set_id("17");
  ModelInferResponse response;
  const grpc::Status status = Infer(request, response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.model_name(), "m");
  EXPECT_EQ(response.model_version(), "3");
  EXPECT_EQ(response.id(), "17");
  ASSERT_EQ(response.raw_output_contents_size(), 1);
  EXPECT_THAT(FloatsOf(response.raw_output_contents(0)), ElementsAre(3, 5, 7));
}

TEST_F(InferenceServiceTest, AnswersALargeTensorToTheLastBit) {
  Load("m", {.alias = true});
  std::vector<float> values(200'000);
  for (size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i);
  }
  ModelInferResponse response;
  const grpc::Status status = Infer(RequestOf("m", values), response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.raw_output_contents(0), BytesOf(values));
}

TEST_F(InferenceServiceTest, SaysWhatIsWrongWithARequest) {
  Load("m", {});
  ModelInferResponse response;
  grpc::Status status = Infer(RequestOf("nobody", {1}), response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  ModelInferRequest request = RequestOf("m", {1});
  request.set_model_version("03");
  status = Infer(request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("decimal number"));
  request = RequestOf("m", {1});
  request.mutable_inputs(0)->set_datatype("FP31");
  status = Infer(request, response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("FP31"));
}

TEST_F(InferenceServiceTest, SaysWhatTheModelSaid) {
  Load("m", {.fails = {.every = 1}});
  ModelInferResponse response;
  const grpc::Status status = Infer(RequestOf("m", {1}), response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_NE(status.error_message(), "");
}

TEST_F(InferenceServiceTest, NeverRunsWhatAClientGaveUpInTheQueue) {
  Load("m", {.gate = "hold"}, {.runs_max = 1});
  ModelInferResponse held;
  grpc::ClientContext held_context;
  const ModelInferRequest request = RequestOf("m", {1});
  Thread holder("holder",
                [&] { rig_.stub->ModelInfer(&held_context, request, &held); });
  rig_.backend.Gate("hold").AwaitInside(1);
  grpc::ClientContext context;
  ModelInferResponse response;
  grpc::Status status;
  Thread waiter("waiter", [&] {
    status = rig_.stub->ModelInfer(&context, request, &response);
  });
  const auto num_queued = [&] {
    return rig_.pipeline.pipeline().scheduler().ViewModel("m").num_queued;
  };
  while (num_queued() < 1) std::this_thread::yield();
  context.TryCancel();
  waiter.Join();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED);
  while (num_queued() > 0) std::this_thread::yield();
  rig_.backend.Gate("hold").Open();
  holder.Join();
  rig_.server->Stop();
  EXPECT_EQ(rig_.backend.RunCount(), 1);
}

TEST(FullQueueTest, TellsWhenItMayHaveRoom) {
  Config config;
  config.queue.requests_max = 1;
  RpcRig rig(config);
  rig.backend.Script("m", {.gate = "hold"});
  rig.pipeline.Load({.name = "m", .config = {.runs_max = 1}});
  const ModelInferRequest request = RequestOf("m", {1});
  std::array<ModelInferResponse, 3> responses;
  std::array<grpc::ClientContext, 3> contexts;
  std::array<grpc::Status, 3> statuses;
  const auto infer = [&](size_t i) {
    statuses[i] = rig.stub->ModelInfer(&contexts[i], request, &responses[i]);
  };
  Thread running("running", [&] { infer(0); });
  rig.backend.Gate("hold").AwaitInside(1);
  // Whichever of these comes second is refused, and ends first.
  std::vector<Thread> queued;
  for (const size_t i : {size_t{1}, size_t{2}}) {
    queued.emplace_back("queued", [&, i] {
      infer(i);
      if (statuses[i].error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED) {
        rig.backend.Gate("hold").Open();
      }
    });
  }
  queued.clear();
  running.Join();
  const size_t refused = statuses[1].ok() ? 2 : 1;
  EXPECT_EQ(statuses[refused].error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(statuses[3 - refused].ok());
  const auto& trailers = contexts[refused].GetServerTrailingMetadata();
  EXPECT_EQ(trailers.count("grpc-retry-pushback-ms"), 1U);
}

TEST_F(InferenceServiceTest, TellsWhatAModelTakesAndGives) {
  Load("m", {},
       {.inputs = {{.name = "x", .datatype = "FP32", .shape = {-1, 4}}},
        .outputs = {{.name = "y", .datatype = "INT64", .shape = {-1}}},
        .batch = BatchConfig{.rows_max = 8}});
  inference::ModelMetadataRequest metadata_request;
  metadata_request.set_name("m");
  inference::ModelMetadataResponse metadata;
  grpc::ClientContext first;
  ASSERT_TRUE(
      rig_.stub->ModelMetadata(&first, metadata_request, &metadata).ok());
  EXPECT_THAT(metadata.versions(), ElementsAre("3"));
  EXPECT_EQ(metadata.inputs(0).datatype(), "FP32");
  EXPECT_THAT(metadata.inputs(0).shape(), ElementsAre(-1, 4));
  inference::ModelConfigRequest config_request;
  config_request.set_name("m");
  inference::ModelConfigResponse config;
  grpc::ClientContext second;
  ASSERT_TRUE(rig_.stub->ModelConfig(&second, config_request, &config).ok());
  EXPECT_EQ(config.config().max_batch_size(), 8);
  EXPECT_EQ(config.config().input(0).data_type(), inference::TYPE_FP32);
  EXPECT_THAT(config.config().input(0).dims(), ElementsAre(4));
  EXPECT_THAT(config.config().output(0).dims(), IsEmpty());
}

// R04: what a client may use of a model, and what it is told past it.
TEST(ModelLimitsTest, StandInTheModelsMetadata) {
  Config config;
  config.queue.requests_max = 7;
  config.overload.status = OverloadStatus::kUnavailable;
  RpcRig rig(config);
  rig.backend.Script("m", {.runs_max = 1});
  rig.pipeline.Load({.name = "m", .config = {.runs_max = 2}});
  inference::ModelMetadataRequest request;
  request.set_name("m");
  inference::ModelMetadataResponse metadata;
  grpc::ClientContext context;
  ASSERT_TRUE(rig.stub->ModelMetadata(&context, request, &metadata).ok());
  const std::map<std::string, std::string> properties(
      metadata.properties().begin(), metadata.properties().end());
  EXPECT_THAT(
      properties,
      ElementsAre(Pair("limits.inputs_max", "256"),
                  Pair("limits.message_bytes_max", "67108864"),
                  Pair("limits.rank_max", "16"),
                  Pair("overload.status", "unavailable"),
                  Pair("queue.bytes_max", "134217728"),
                  Pair("queue.requests_max", "7"), Pair("runs_max", "1")));
}

TEST_F(InferenceServiceTest, TellsWhetherServerAndModelAreReady) {
  Load("m", {});
  for (const bool is_ready : {true, false}) {
    rig_.is_ready = is_ready;
    grpc::ClientContext context;
    inference::ServerReadyResponse response;
    ASSERT_TRUE(rig_.stub->ServerReady(&context, {}, &response).ok());
    EXPECT_EQ(response.ready(), is_ready);
  }
  for (const char* name : {"m", "nobody"}) {
    inference::ModelReadyRequest request;
    request.set_name(name);
    inference::ModelReadyResponse response;
    grpc::ClientContext context;
    ASSERT_TRUE(rig_.stub->ModelReady(&context, request, &response).ok());
    EXPECT_EQ(response.ready(), std::string(name) == "m");
  }
}

TEST_F(InferenceServiceTest, CallsNoModelReadyWhoseDeviceIsLost) {
  rig_.backend.FailRevives("fake:0", 100);
  Load("m", {});
  absl::StatusOr<SlotLease> lease = rig_.pipeline.slots().Acquire(-1, kNever);
  rig_.pipeline.slots().Report(*lease, Fault::kDevice);
  inference::ModelReadyRequest request;
  request.set_name("m");
  inference::ModelReadyResponse response;
  response.set_ready(true);
  grpc::ClientContext context;
  ASSERT_TRUE(rig_.stub->ModelReady(&context, request, &response).ok());
  EXPECT_FALSE(response.ready());
}

TEST_F(InferenceServiceTest, SaysOfEachMethodThatIsNotServedThatItIsNot) {
  grpc::ClientContext context;
  inference::RepositoryIndexResponse index;
  const grpc::Status status = rig_.stub->RepositoryIndex(&context, {}, &index);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(status.error_message(),
              HasSubstr("RepositoryIndex\" is not served here"));
  grpc::ClientContext stream_context;
  const auto stream = rig_.stub->ModelStreamInfer(&stream_context);
  EXPECT_THAT(stream->Finish().error_message(),
              HasSubstr("ModelStreamInfer\" is not served here"));
}

TEST_F(InferenceServiceTest, RefusesAMessageThatIsTooLarge) {
  Load("m", {});
  ModelInferResponse response;
  const grpc::Status status = Infer(
      RequestOf("m", std::vector<float>(kMebibyte / sizeof(float))), response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(InferenceServiceTest, TakesADeadlineInCenturiesForNone) {
  Load("m", {});
  grpc::ClientContext context;
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_REALTIME),
                   gpr_time_from_hours(int64_t{400} * 365 * 24, GPR_TIMESPAN)));
  ModelInferResponse response;
  const grpc::Status status =
      rig_.stub->ModelInfer(&context, RequestOf("m", {1}), &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(InferenceServiceTest, StopsThoughAClientNeverSendsItsMessage) {
  grpc::GenericStub stub(grpc::CreateChannel(
      rig_.server->addresses()[0], grpc::InsecureChannelCredentials()));
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  const auto call = stub.PrepareCall(
      &context, "/inference.GRPCInferenceService/ModelInfer", &queue);
  call->StartCall(nullptr);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  rig_.server->Stop();
  grpc::Status status;
  call->Finish(&status, nullptr);
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_FALSE(status.ok());
  queue.Shutdown();
  EXPECT_FALSE(queue.Next(&tag, &ok));
}

TEST_F(InferenceServiceTest, TakesNoCallOnceItStopped) {
  Load("m", {});
  rig_.server->Stop();
  ModelInferResponse response;
  EXPECT_EQ(Infer(RequestOf("m", {1}), response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace weir
