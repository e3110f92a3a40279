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

void RawService::Serve(const char* path, Method method) {
  using Handler =
      grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>;
  // gRPC owns both.
  AddMethod(new grpc::internal::RpcServiceMethod(
      path, grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
  MarkMethodRawCallback(num_methods_++, new Handler(std::move(method)));
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
  const grpc::Slice bytes(response.SerializeAsString());
  answer = grpc::ByteBuffer(&bytes, 1);
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace weir
