// TorchSynchronizer: how one waits until a slot's queue is empty, found by
// trial.
//
//   absl::StatusOr<TorchSynchronizer> found =
//       TorchSynchronizer::Find(stream, Synchronize::kAuto, clock);
//   found->Wait(stream, &model's pace);
//
// A device may be able to wait for one stream; or for an event that was
// recorded on it; or only for all its streams together, and then it can hold
// one slot: a wait would be for the others' work as well.
//
// Thread-safety: Wait from any number of threads, each for a slot of its own.
// Ownership: borrows the clock.
// Failure: Find gives FAILED_PRECONDITION where nothing works. Wait throws what
// libtorch throws, and then the slot or the device is at fault.
#ifndef WEIR_BACKEND_TORCH_TORCH_SYNCHRONIZER_H_
#define WEIR_BACKEND_TORCH_TORCH_SYNCHRONIZER_H_

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "backend/torch/wait_pace.h"
#include "c10/core/Stream.h"
#include "config/config.h"
#include "sync/clock.h"

namespace weir {

class TorchSynchronizer {
 public:
  enum class Way { kStream, kEvent, kDevice };

  // Tries the ways one after the other on a stream that work was given to.
  static absl::StatusOr<TorchSynchronizer> Find(const c10::Stream& stream,
                                                Synchronize mode, Clock& clock);

  // Waits for what the stream was given. `pace` is of the model whose run it
  // is; null: of none, and `auto` blocks.
  void Wait(const c10::Stream& stream, WaitPace* pace) const;

  Way way() const { return way_; }
  // For an operator: "waits for a stream".
  absl::string_view WayText() const;

 private:
  TorchSynchronizer(Way way, bool can_query, Synchronize mode, Clock& clock)
      : way_(way), can_query_(can_query), mode_(mode), clock_(&clock) {}

  using IsDone = absl::FunctionRef<bool()>;

  // Whether it was done while it was worth looking; else one may block.
  bool Looked(IsDone is_done, WaitPace* pace) const;
  bool LookedAtPace(IsDone is_done, WaitPace& pace) const;
  void Nap(Duration time) const;

  Way way_;
  bool can_query_;
  Synchronize mode_;
  Clock* clock_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_SYNCHRONIZER_H_
