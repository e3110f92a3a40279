// Tools that know none of our messages: what they find out, and what they may
// hold. The messages of reflection and channelz are those that the libraries
// themselves carry.
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "tests/rpc/rpc_rig.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

using google::protobuf::Message;

constexpr char kReflection[] =
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

std::unique_ptr<Message> NewMessage(const std::string& type,
                                    const std::string& text = "") {
  const google::protobuf::Descriptor* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(
          type);
  WEIR_CHECK(descriptor != nullptr, "the library carries its messages");
  std::unique_ptr<Message> message(
      google::protobuf::MessageFactory::generated_factory()
          ->GetPrototype(descriptor)
          ->New());
  WEIR_CHECK(google::protobuf::TextFormat::ParseFromString(text, message.get()),
             "a test's text is its message");
  return message;
}

grpc::ByteBuffer BytesOf(const Message& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

void Parse(grpc::ByteBuffer& bytes, Message& message) {
  grpc::Slice slice;
  WEIR_CHECK(bytes.DumpToSingleSlice(&slice).ok(), "an answer can be read");
  WEIR_CHECK(message.ParseFromArray(slice.begin(), slice.size()),
             "an answer is what it should be");
}

// One call, of which each step is waited for.
class Call {
 public:
  Call(grpc::GenericStub& stub, const std::string& method)
      : call_(stub.PrepareCall(&context_, method, &queue_)) {
    call_->StartCall(nullptr);
    Await();
  }
  ~Call() {
    context_.TryCancel();
    queue_.Shutdown();
    while (Await()) continue;
  }

  // The server's answer; its fields are empty where there is none.
  std::unique_ptr<Message> Ask(const Message& question,
                               const std::string& answer_type) {
    std::unique_ptr<Message> answer = NewMessage(answer_type);
    call_->Write(BytesOf(question), nullptr);
    if (!Await()) return answer;
    grpc::ByteBuffer bytes;
    call_->Read(&bytes, nullptr);
    if (Await()) Parse(bytes, *answer);
    return answer;
  }

  grpc::Status Finish() {
    grpc::Status status;
    call_->Finish(&status, nullptr);
    Await();
    return status;
  }

 private:
  bool Await() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::ClientContext context_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

class IntrospectionTest : public testing::Test {
 protected:
  std::unique_ptr<Message> Reflect(const std::string& question) {
    Call call(stub_, kReflection);
    return call.Ask(
        *NewMessage("grpc.reflection.v1alpha.ServerReflectionRequest",
                    question),
        "grpc.reflection.v1alpha.ServerReflectionResponse");
  }

  RpcRig rig_;
  grpc::GenericStub stub_{grpc::CreateChannel(
      rig_.server->addresses()[0], grpc::InsecureChannelCredentials())};
};

TEST_F(IntrospectionTest, ListsItsServices) {
  const std::string answer = Reflect("list_services: '*'")->DebugString();
  EXPECT_THAT(answer, HasSubstr("\"inference.GRPCInferenceService\""));
  EXPECT_THAT(answer, HasSubstr("\"grpc.channelz.v1.Channelz\""));
}

TEST_F(IntrospectionTest, TellsTheContractToWhoKnowsNothingOfIt) {
  const std::unique_ptr<Message> answer =
      Reflect("file_containing_symbol: 'inference.GRPCInferenceService'");
  const google::protobuf::Reflection& reflection = *answer->GetReflection();
  const Message& files = reflection.GetMessage(
      *answer,
      answer->GetDescriptor()->FindFieldByName("file_descriptor_response"));
  const auto* field =
      files.GetDescriptor()->FindFieldByName("file_descriptor_proto");
  google::protobuf::DescriptorPool pool;
  // A file comes before those that it imports.
  for (int i = files.GetReflection()->FieldSize(files, field); i > 0; --i) {
    google::protobuf::FileDescriptorProto file;
    ASSERT_TRUE(file.ParseFromString(
        files.GetReflection()->GetRepeatedString(files, field, i - 1)));
    ASSERT_NE(pool.BuildFile(file), nullptr);
  }
  const auto* service =
      pool.FindServiceByName("inference.GRPCInferenceService");
  ASSERT_NE(service, nullptr);
  const auto* infer = service->FindMethodByName("ModelInfer");
  ASSERT_NE(infer, nullptr);
  EXPECT_NE(infer->input_type()->FindFieldByName("raw_input_contents"),
            nullptr);
}

TEST_F(IntrospectionTest, TellsWhatServersThereAre) {
  Call call(stub_, "/grpc.channelz.v1.Channelz/GetServers");
  const std::string answer =
      call.Ask(*NewMessage("grpc.channelz.v1.GetServersRequest"),
               "grpc.channelz.v1.GetServersResponse")
          ->DebugString();
  EXPECT_THAT(answer, HasSubstr("server_id"));
  EXPECT_THAT(answer, HasSubstr("calls_started"));
}

// Each of these streams keeps a thread.
TEST_F(IntrospectionTest, RefusesMoreStreamsThanItHasThreadsFor) {
  std::vector<std::unique_ptr<Call>> calls;
  for (int i = 0; i < 16; ++i) {
    calls.push_back(std::make_unique<Call>(stub_, kReflection));
  }
  const auto question = NewMessage(
      "grpc.reflection.v1alpha.ServerReflectionRequest", "list_services: '*'");
  int num_answered = 0;
  for (const std::unique_ptr<Call>& call : calls) {
    const auto answer = call->Ask(
        *question, "grpc.reflection.v1alpha.ServerReflectionResponse");
    if (answer->ByteSizeLong() > 0) {
      ++num_answered;
    } else {
      EXPECT_EQ(call->Finish().error_code(),
                grpc::StatusCode::RESOURCE_EXHAUSTED);
    }
  }
  EXPECT_GE(num_answered, 1);
  EXPECT_LE(num_answered, 4);
}

TEST_F(IntrospectionTest, StopsThoughAStreamIsOpen) {
  Call call(stub_, kReflection);
  rig_.server->Stop();
  EXPECT_FALSE(call.Finish().ok());
}

}  // namespace
}  // namespace weir
