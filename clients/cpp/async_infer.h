// AsyncInfer: one ModelInfer that nobody waits for, and CallCount, how many of
// them a connection has.
//
//   const auto call = std::make_shared<AsyncInfer>(connection.calls);
//   stub.async()->ModelInfer(..., [call](const grpc::Status& ended) {...});
//   ...
//   connection.calls->AwaitNone();
//
// The library's own: users see client.h.
//
// Thread-safety: the count's is its own; of a call, gRPC's threads and, for the
// context's TryCancel alone, any.
// Ownership: whoever holds a call keeps it counted, and so its connection: a
// context holds the channel, which may go only where the connection does.
// Failure: none.
#ifndef WEIR_CLIENTS_CPP_ASYNC_INFER_H_
#define WEIR_CLIENTS_CPP_ASYNC_INFER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "clients/cpp/client.h"
#include "grpcpp/client_context.h"
#include "inference/grpc_service.pb.h"

namespace weir {

class CallCount {
 public:
  // Each call holds it, for the last one still notifies when nobody waits any
  // more.
  class Hold {
   public:
    explicit Hold(std::shared_ptr<CallCount> count) : count_(std::move(count)) {
      count_->under_way_.fetch_add(1, std::memory_order_relaxed);
    }
    // What was done before this is seen by the one whose wait it ends.
    ~Hold() {
      if (count_->under_way_.fetch_sub(1, std::memory_order_release) == 1) {
        count_->under_way_.notify_all();
      }
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    const std::shared_ptr<CallCount> count_;
  };

  void AwaitNone() const {
    while (const int64_t count = under_way_.load(std::memory_order_acquire)) {
      under_way_.wait(count, std::memory_order_acquire);
    }
  }

 private:
  std::atomic<int64_t> under_way_ = 0;
};

struct AsyncInfer {
  explicit AsyncInfer(std::shared_ptr<CallCount> calls)
      : hold(std::move(calls)) {}

  CallCount::Hold hold;  // first: it goes after the context
  grpc::ClientContext context;
  inference::ModelInferRequest request;
  inference::ModelInferResponse response;
  Client::InferCallback done;
};

}  // namespace weir

#endif  // WEIR_CLIENTS_CPP_ASYNC_INFER_H_
