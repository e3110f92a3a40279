// PendingInfer: an inference under way that nobody waits for, to be cancelled.
//
//   const PendingInfer pending = client.InferAsync(request, done);
//   pending.Cancel();   // soon `done` runs with CANCELLED
//
// The callback runs once, whether and whenever the call is cancelled: with
// CANCELLED, or with what the server said before it heard of that. The server
// does not start what is cancelled while it is queued.
//
// Thread-safety: any number of threads, the callback's too.
// Ownership: it only names the call, which gRPC owns: it may be copied, may go
// before the call's end, which cancels nothing, and may stay after the client.
// Failure: none. Cancelling what has ended, or was never sent, does nothing.
#ifndef WEIR_CLIENTS_CPP_PENDING_INFER_H_
#define WEIR_CLIENTS_CPP_PENDING_INFER_H_

#include <memory>
#include <utility>

namespace weir {

struct AsyncInfer;

class PendingInfer {
 public:
  // Of no call.
  PendingInfer() = default;
  // The client's own.
  explicit PendingInfer(std::weak_ptr<AsyncInfer> call)
      : call_(std::move(call)) {}

  // Returns at once; the callback may run before it does.
  void Cancel() const;

 private:
  std::weak_ptr<AsyncInfer> call_;
};

}  // namespace weir

#endif  // WEIR_CLIENTS_CPP_PENDING_INFER_H_
