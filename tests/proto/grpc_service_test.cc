// The contract as C++: what a client calls the service, and the bytes of the
// one message that is worth reading by hand. tests/clients/python holds every
// field to those that other clients have compiled in.
#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "inference/grpc_service.grpc.pb.h"
#include "inference/grpc_service.pb.h"

namespace weir {
namespace {

// A request for model "m": input "x", FP32 [1], raw 1.0f.
constexpr char kRequest[] =
    "\x0A\x01m"                  // model_name
    "\x2A\x0C\x0A\x01x"          // inputs { name
    "\x12\x04"                   //          datatype
    "FP32\x1A\x01\x01"           //          shape, packed }
    "\x3A\x04\x00\x00\x80\x3F";  // raw_input_contents

TEST(ModelInferRequestTest, ReadsTheBytesThatTheProtocolAsksFor) {
  inference::ModelInferRequest request;
  ASSERT_TRUE(request.ParseFromString({kRequest, sizeof(kRequest) - 1}));

  EXPECT_EQ(request.model_name(), "m");
  ASSERT_EQ(request.inputs_size(), 1);
  EXPECT_EQ(request.inputs(0).name(), "x");
  EXPECT_EQ(request.inputs(0).datatype(), "FP32");
  ASSERT_EQ(request.inputs(0).shape_size(), 1);
  EXPECT_EQ(request.inputs(0).shape(0), 1);
  ASSERT_EQ(request.raw_input_contents_size(), 1);
  EXPECT_EQ(request.raw_input_contents(0), std::string("\0\0\x80\x3F", 4));
  EXPECT_EQ(request.SerializeAsString(),
            std::string(kRequest, sizeof(kRequest) - 1));
}

TEST(ModelMetadataResponseTest, HasPropertiesAfterTheFieldsOfOthers) {
  inference::ModelMetadataResponse metadata;
  ASSERT_TRUE(metadata.ParseFromString("\x32\x06\x0A\x01k\x12\x01v"));

  ASSERT_EQ(metadata.properties().size(), 1U);
  EXPECT_EQ(metadata.properties().at("k"), "v");
}

// Answers one of the service's calls and leaves the others as they are.
class LiveService final : public inference::GRPCInferenceService::Service {
  grpc::Status ServerLive(grpc::ServerContext* /*context*/,
                          const inference::ServerLiveRequest* /*request*/,
                          inference::ServerLiveResponse* response) override {
    response->set_live(true);
    return grpc::Status::OK;
  }
};

class GrpcServiceTest : public testing::Test {
 protected:
  GrpcServiceTest() {
    server_ = grpc::ServerBuilder().RegisterService(&service_).BuildAndStart();
    stub_ = inference::GRPCInferenceService::NewStub(
        server_->InProcessChannel(grpc::ChannelArguments()));
  }

  LiveService service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
};

TEST_F(GrpcServiceTest, AnswersACallThatIsServed) {
  grpc::ClientContext context;
  inference::ServerLiveResponse response;

  ASSERT_TRUE(stub_->ServerLive(&context, {}, &response).ok());

  EXPECT_TRUE(response.live());
}

TEST_F(GrpcServiceTest, AnswersUnimplementedToACallThatIsNotServed) {
  grpc::ClientContext context;
  inference::ServerReadyResponse response;

  const grpc::Status status = stub_->ServerReady(&context, {}, &response);

  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST(GrpcServiceNameTest, IsTheOneThatClientsCall) {
  EXPECT_STREQ(inference::GRPCInferenceService::service_full_name(),
               "inference.GRPCInferenceService");
}

}  // namespace
}  // namespace weir
