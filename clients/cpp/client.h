// Client: a connection to one server of the Open Inference Protocol, and a
// method for each thing to ask of it.
//
//   absl::StatusOr<Client> client = Client::Connect("localhost:8001");
//   absl::StatusOr<InferResult> result = client->Infer(
//       {.model = "mlp", .inputs = {TensorOf<float>("x", {1, 256}, x)}});
//   if (result.ok()) {
//     Use(*ElementsOf<float>(*result->Find("y")), result->version);
//   } else if (RetryAfter(result.status()).has_value()) {
//     // refused under load: the server says when it wants to see it again
//   }
//
// It connects at the first call and again whenever the connection is lost. A
// client is one connection: make one for a process, and share it.
//
// Every call has a deadline, the options' timeout or its own, after which it
// ends with DEADLINE_EXCEEDED. The server knows it, and does not start what
// cannot be in time. Nothing is tried again. InferAsync gives what cancels it.
//
// Thread-safety: any number of threads may use a client, and its copies, which
// are the same connection.
// Ownership: the last copy's destructor waits until all callbacks have run,
// which their deadlines bound; it must not run in one of them.
// Failure: absl::Status with the server's code and sentence. RESOURCE_EXHAUSTED
// is overload, UNAVAILABLE a server that drains or cannot be reached (at once),
// NOT_FOUND and INVALID_ARGUMENT what the request got wrong, INTERNAL also an
// answer that breaks the protocol. INVALID_ARGUMENT for what cannot be sent;
// nothing was sent then.
#ifndef WEIR_CLIENTS_CPP_CLIENT_H_
#define WEIR_CLIENTS_CPP_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/infer_request.h"
#include "clients/cpp/metadata.h"
#include "clients/cpp/pending_infer.h"
#include "clients/cpp/tensor.h"

namespace weir {

struct ClientOptions {
  // How long a call may take that says nothing itself. Above 0.
  std::chrono::nanoseconds timeout = std::chrono::seconds(30);
  // A request or an answer of more is refused, RESOURCE_EXHAUSTED without a
  // RetryAfter. 1 to 2 GiB - 1.
  int64_t message_bytes_max = int64_t{64} << 20;
};

// When the server wants to see a refused request again: below 0 if never,
// nothing if it did not say.
std::optional<std::chrono::milliseconds> RetryAfter(const absl::Status& status);

class Client {
 public:
  using Timeout = std::optional<std::chrono::nanoseconds>;
  // Runs on a thread of gRPC's: it must not wait, nor throw.
  using InferCallback = std::function<void(absl::StatusOr<InferResult> result)>;

  // Of a server at `host:port` or `unix:/path`, which need not be there yet.
  // Fails on options out of bounds alone.
  static absl::StatusOr<Client> Connect(const std::string& address,
                                        const ClientOptions& options = {});

  // Runs the model once and waits for the answer.
  absl::StatusOr<InferResult> Infer(InferRequest request) const;

  // The same, but returns at once, with what cancels it. The callback runs
  // exactly once; before this returns, where nothing could be sent. How many
  // calls are under way is the caller's to bound.
  PendingInfer InferAsync(InferRequest request, InferCallback done) const;

  // Whether the server answers.
  absl::StatusOr<bool> ServerLive(Timeout timeout = {}) const;
  // Whether the server, or the model, takes requests. An unknown model does
  // not. An empty version is any.
  absl::StatusOr<bool> ServerReady(Timeout timeout = {}) const;
  absl::StatusOr<bool> ModelReady(const std::string& model,
                                  const std::string& version = "",
                                  Timeout timeout = {}) const;

  absl::StatusOr<ServerMetadata> GetServerMetadata(Timeout timeout = {}) const;
  // NOT_FOUND for an unknown model.
  absl::StatusOr<ModelMetadata> GetModelMetadata(
      const std::string& model, const std::string& version = "",
      Timeout timeout = {}) const;
  absl::StatusOr<ServedModelConfig> GetModelConfig(
      const std::string& model, const std::string& version = "",
      Timeout timeout = {}) const;

  // Whether there is a connection now. After a call that ended UNAVAILABLE it
  // tells a server that refuses from one that is not there.
  bool IsConnected() const;

 private:
  struct Connection;

  explicit Client(std::shared_ptr<const Connection> connection)
      : connection_(std::move(connection)) {}

  std::shared_ptr<const Connection> connection_;
};

}  // namespace weir

#endif  // WEIR_CLIENTS_CPP_CLIENT_H_
