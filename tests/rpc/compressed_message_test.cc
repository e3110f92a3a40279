// What a client sees whose messages are compressed, or far too large for the
// method that they are sent to.
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/channel_arguments.h"
#include "gtest/gtest.h"
#include "tests/rpc/rpc_rig.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

using inference::GRPCInferenceService;
using inference::ModelInferRequest;
using inference::ModelInferResponse;

constexpr auto kAlgorithms = {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE};

ModelInferRequest RequestOf(size_t size) {
  ModelInferRequest request;
  request.set_model_name("m");
  ModelInferRequest::InferInputTensor& input = *request.add_inputs();
  input.set_name("x");
  input.set_datatype("UINT8");
  input.add_shape(1);
  input.add_shape(static_cast<int64_t>(size));
  std::string bytes(size, '\0');
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i / 100);
  request.add_raw_input_contents(bytes);
  return request;
}

class CompressedMessageTest : public testing::Test {
 protected:
  CompressedMessageTest() {
    rig_.backend.Script("m", {.alias = true});
    rig_.pipeline.Load({.name = "m", .version = 3});
  }

  // A client that compresses whatever it sends and becomes smaller by it.
  std::unique_ptr<GRPCInferenceService::Stub> StubThatCompresses(
      grpc_compression_algorithm algorithm) {
    grpc::ChannelArguments arguments;
    arguments.SetCompressionAlgorithm(algorithm);
    return GRPCInferenceService::NewStub(grpc::CreateCustomChannel(
        rig_.server->addresses()[0], grpc::InsecureChannelCredentials(),
        arguments));
  }

  RpcRig rig_;
};

TEST_F(CompressedMessageTest, IsAnsweredToTheLastBit) {
  const ModelInferRequest request = RequestOf(200'000);
  for (const grpc_compression_algorithm algorithm : kAlgorithms) {
    grpc::ClientContext context;
    context.set_compression_algorithm(algorithm);
    ModelInferResponse response;
    const grpc::Status status =
        rig_.stub->ModelInfer(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.raw_output_contents(0), request.raw_input_contents(0));
  }
}

TEST_F(CompressedMessageTest, IsRefusedAboveTheBoundOfAMessage) {
  for (const grpc_compression_algorithm algorithm : kAlgorithms) {
    grpc::ClientContext context;
    context.set_compression_algorithm(algorithm);
    ModelInferResponse response;
    const grpc::Status status =
        rig_.stub->ModelInfer(&context, RequestOf(8 * kMebibyte), &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(status.error_message(), HasSubstr("at most 1048576 bytes"));
  }
}

TEST_F(CompressedMessageTest, CountsBothOfItsSizes) {
  rig_.backend.Script("held", {.gate = "hold"});
  rig_.pipeline.Load({.name = "held"});
  // Fills the memory that is taken for it, and is half of what cannot be
  // compressed.
  ModelInferRequest request = RequestOf(520'000);
  request.set_model_name("held");
  std::mt19937 random;
  for (size_t i = 0; i < 260'000; ++i) {
    (*request.mutable_raw_input_contents(0))[i] = static_cast<char>(random());
  }
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  ModelInferResponse response;
  Thread sender("sender",
                [&] { rig_.stub->ModelInfer(&context, request, &response); });
  rig_.backend.Gate("hold").AwaitInside(1);
  const int64_t taken = rig_.pipeline.pipeline().budget().bytes_taken();
  rig_.backend.Gate("hold").Open();
  sender.Join();
  EXPECT_GT(taken, 520'000 + 260'000);
  EXPECT_LT(taken, 520'000 + 260'000 + 20'000);
}

TEST_F(CompressedMessageTest, IsTakenByEveryMethod) {
  for (const grpc_compression_algorithm algorithm : kAlgorithms) {
    const auto stub = StubThatCompresses(algorithm);
    // Long enough that compressing it pays.
    const std::string name(2000, 'm');
    grpc::ClientContext first;
    inference::ServerLiveResponse live;
    EXPECT_TRUE(stub->ServerLive(&first, {}, &live).ok());
    EXPECT_TRUE(live.live());
    grpc::ClientContext second;
    inference::ModelReadyRequest ready_request;
    ready_request.set_name(name);
    inference::ModelReadyResponse ready;
    EXPECT_TRUE(stub->ModelReady(&second, ready_request, &ready).ok());
    EXPECT_FALSE(ready.ready());
    grpc::ClientContext third;
    inference::ModelMetadataRequest metadata_request;
    metadata_request.set_name(name);
    inference::ModelMetadataResponse metadata;
    EXPECT_EQ(
        stub->ModelMetadata(&third, metadata_request, &metadata).error_code(),
        grpc::StatusCode::NOT_FOUND);
  }
}

TEST_F(CompressedMessageTest, IsNotReadByAMethodThatIsNotServed) {
  const auto stub = StubThatCompresses(GRPC_COMPRESS_GZIP);
  inference::RepositoryIndexRequest request;
  request.set_repository_name(std::string(2000, 'm'));
  grpc::ClientContext context;
  inference::RepositoryIndexResponse index;
  const grpc::Status status = stub->RepositoryIndex(&context, request, &index);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(status.error_message(), HasSubstr("is not served here"));
}

TEST_F(CompressedMessageTest, IsRefusedWhereItIsTooLargeForASmallMethod) {
  inference::ModelReadyRequest request;
  request.set_name(std::string(16 * kKibibyte, 'm'));
  const auto compressing = StubThatCompresses(GRPC_COMPRESS_GZIP);
  for (GRPCInferenceService::Stub* stub :
       {rig_.stub.get(), compressing.get()}) {
    grpc::ClientContext context;
    inference::ModelReadyResponse response;
    const grpc::Status status = stub->ModelReady(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(status.error_message(), HasSubstr("at most 16384 bytes"));
  }
}

}  // namespace
}  // namespace weir
