// RawService: a gRPC service whose methods are given their messages as they
// came, so that nothing is inflated or parsed but within bounds.
//
//   class Echo final : public RawService {
//    public:
//     Echo() {
//       ServeSmall("/test.Echo/Say", &Echo::Say);
//       ServeStream("/test.Echo/Repeat", &Echo::Repeat);
//     }
//     absl::Status Say(const Words& said, Words& answer) const;
//     Stream* Repeat(const Words& said) const;  // deletes itself
//   };
//
// What protoc generates would have gRPC parse whatever comes, up to the largest
// tensor that a client may send, and parse compressed bytes as they are.
//
// Thread-safety: methods are called by any number of gRPC's threads at a time.
// Ownership: outlives the server that it is registered with.
// Failure: a status with a message: RESOURCE_EXHAUSTED for a message that is
// too large, INVALID_ARGUMENT for one that is none.
#ifndef WEIR_SERVER_RPC_RAW_SERVICE_H_
#define WEIR_SERVER_RPC_RAW_SERVICE_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "config/config.h"
#include "google/protobuf/message_lite.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace weir {

// Bytes of a message that names something and carries no tensor.
inline constexpr int64_t kSmallMessageBytesMax = 16 * kKibibyte;

// What is sent of an answer.
grpc::ByteBuffer BytesOf(const google::protobuf::MessageLite& answer);

class RawService : public grpc::Service {
 public:
  using Stream = grpc::ServerWriteReactor<grpc::ByteBuffer>;

 protected:
  using Context = grpc::CallbackServerContext;
  using Method = std::function<grpc::ServerUnaryReactor*(
      Context* context, const grpc::ByteBuffer* message,
      grpc::ByteBuffer* answer)>;

  RawService() = default;

  // `path` is a literal: "/package.Service/Method".
  void Serve(const char* path, Method method);

  // For a method that takes few bytes and answers at once, in the constructor
  // of the class that has it.
  template <typename Self, typename Request, typename Response>
  void ServeSmall(const char* path,
                  absl::Status (Self::*method)(const Request&, Response&)
                      const) {
    const auto* self = static_cast<const Self*>(this);
    Serve(path,
          [self, method](Context* context, const grpc::ByteBuffer* message,
                         grpc::ByteBuffer* answer) {
            Request request;
            Response response;
            absl::Status status = ReadSmall(*message, request);
            if (status.ok()) status = (self->*method)(request, response);
            return Finish(*context, status, response, *answer);
          });
  }

  // The same for a method that answers as often as it has something to say.
  template <typename Self, typename Request>
  void ServeStream(const char* path,
                   Stream* (Self::*method)(const Request&) const) {
    const auto* self = static_cast<const Self*>(this);
    ServeStream(path, [self, method](const grpc::ByteBuffer& message) {
      Request request;
      const absl::Status status = ReadSmall(message, request);
      return status.ok() ? (self->*method)(request) : RefusedStream(status);
    });
  }

 private:
  void ServeStream(
      const char* path,
      std::function<Stream*(const grpc::ByteBuffer& message)> method);
  static Stream* RefusedStream(const absl::Status& status);
  static absl::Status ReadSmall(const grpc::ByteBuffer& message,
                                google::protobuf::MessageLite& request);
  static grpc::ServerUnaryReactor* Finish(
      Context& context, const absl::Status& status,
      const google::protobuf::MessageLite& response, grpc::ByteBuffer& answer);

  int num_methods_ = 0;
};

}  // namespace weir

#endif  // WEIR_SERVER_RPC_RAW_SERVICE_H_
