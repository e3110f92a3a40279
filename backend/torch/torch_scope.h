// TorchScope: what holds on a thread while it works for a slot.
//
//   const TorchScope scope(slot);
//   module.forward(...);  // on the slot's stream, for inference, in silence
//
// The slot's stream is current, no gradients are kept, and libtorch's warnings
// go nowhere: some come at every run, and a backend does not log. All that was
// before holds again after the scope, however it is left. Graphs may be
// optimised from then on.
//
// Thread-safety: of the thread that made it.
// Ownership: borrows the slot.
// Failure: throws what libtorch throws where the stream cannot be made current.
#ifndef WEIR_BACKEND_TORCH_TORCH_SCOPE_H_
#define WEIR_BACKEND_TORCH_TORCH_SCOPE_H_

#include "ATen/Parallel.h"
#include "backend/torch/torch_slot.h"
#include "c10/core/InferenceMode.h"
#include "c10/util/Exception.h"
#include "torch/csrc/jit/runtime/graph_executor.h"

namespace weir {

class TorchScope {
 public:
  explicit TorchScope(const TorchSlot& slot)
      : silence_(&no_warnings_), binding_(slot) {
    // Libraries keep these for each thread; a worker thread comes here first.
    thread_local const bool is_prepared = [] {
      at::init_num_threads();
      // Once, for a guard around each run makes six strings.
      torch::jit::setGraphExecutorOptimize(true);
      return true;
    }();
    (void)is_prepared;
  }
  TorchScope(const TorchScope&) = delete;
  TorchScope& operator=(const TorchScope&) = delete;

 private:
  class NoWarnings final : public c10::WarningHandler {
   public:
    void process(const c10::Warning&) override {}
  };

  NoWarnings no_warnings_;
  c10::WarningUtils::WarningHandlerGuard silence_;
  c10::InferenceMode inference_;
  SlotBinding binding_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_SCOPE_H_
