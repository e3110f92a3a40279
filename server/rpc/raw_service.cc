#include "server/rpc/raw_service.h"

#include <string>
#include <utility>

#include "grpcpp/support/slice.h"
// Brings gRPC's own headers for handlers, wherever a release of it has them.
#include "inference/grpc_service.grpc.pb.h"
#include "server/rpc/call_status.h"
#include "server/rpc/received_message.h"
#include "server/rpc/wire/chunk_cursor.h"

namespace weir {
namespace {

class Refused final : public RawService::Stream {
 public:
  explicit Refused(const absl::Status& status) {
    Finish(CallStatusOf(status).status);
  }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ByteBuffer BytesOf(const google::protobuf::MessageLite& answer) {
  const grpc::Slice bytes(answer.SerializeAsString());
  return {&bytes, 1};
}

void RawService::Serve(const char* path, Method method) {
  using Handler =
      grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>;
  // gRPC owns both.
  AddMethod(new grpc::internal::RpcServiceMethod(
      path, grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodRawCallback(num_methods_++, new Handler(std::move(method)));
}

void RawService::ServeStream(
    const char* path,
    std::function<Stream*(const grpc::ByteBuffer& message)> method) {
  using Handler =
      grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer,
                                                     grpc::ByteBuffer>;
  AddMethod(new grpc::internal::RpcServiceMethod(
      path, grpc::internal::RpcMethod::SERVER_STREAMING, nullptr));
  MarkMethodRawCallback(
      num_methods_++,
      new Handler([method = std::move(method)](
                      Context*, const grpc::ByteBuffer* message) {
        return method(*message);
      }));
}

RawService::Stream* RawService::RefusedStream(const absl::Status& status) {
  return new Refused(status);
}

absl::Status RawService::ReadSmall(const grpc::ByteBuffer& message,
                                   google::protobuf::MessageLite& request) {
  const absl::StatusOr<std::shared_ptr<ReceivedMessage>> received =
      ReceivedMessage::Read(message, kSmallMessageBytesMax);
  if (!received.ok()) return received.status();
  std::string bytes;
  ChunkCursor((*received)->chunks()).AppendTo(bytes);
  if (request.ParseFromString(bytes)) return absl::OkStatus();
  return absl::InvalidArgumentError("the message is not what the method takes");
}

grpc::ServerUnaryReactor* RawService::Finish(
    Context& context, const absl::Status& status,
    const google::protobuf::MessageLite& response, grpc::ByteBuffer& answer) {
  grpc::ServerUnaryReactor* reactor = context.DefaultReactor();
  if (!status.ok()) {
    reactor->Finish(CallStatusOf(status).status);
    return reactor;
  }
  answer = BytesOf(response);
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace weir
