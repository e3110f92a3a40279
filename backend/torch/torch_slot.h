// TorchSlot: a device and, where it has streams, one stream of it.
//
// On the CPU a slot is a mere permit: it has no stream, and libtorch's threads
// do the work of whoever holds it.
//
// Thread-safety: as Slot.
// Ownership: the stream belongs to libtorch's pool for ever.
// Failure: none.
#ifndef WEIR_BACKEND_TORCH_TORCH_SLOT_H_
#define WEIR_BACKEND_TORCH_TORCH_SLOT_H_

#include <optional>
#include <string>
#include <utility>

#include "backend/slot.h"
#include "backend/slot_lease.h"
#include "c10/core/Device.h"
#include "c10/core/Stream.h"
#include "c10/core/StreamGuard.h"

namespace weir {

class TorchSlot final : public Slot {
 public:
  TorchSlot(std::string device, int index, std::optional<c10::Stream> stream)
      : Slot(std::move(device), index,
             stream.has_value() ? std::to_string(stream->id()) : "none"),
        torch_stream_(stream) {}

  const std::optional<c10::Stream>& torch_stream() const {
    return torch_stream_;
  }

  // The slot of a lease. REQUIRES: a backend/torch slot.
  static TorchSlot& Of(const SlotLease& lease) {
    return static_cast<TorchSlot&>(lease.slot());
  }

 private:
  const std::optional<c10::Stream> torch_stream_;
};

// Makes the slot's stream the calling thread's current one for a scope, and the
// one from before current again after it, however the scope is left.
class SlotBinding {
 public:
  explicit SlotBinding(const TorchSlot& slot) {
    if (slot.torch_stream().has_value()) guard_.emplace(*slot.torch_stream());
  }
  SlotBinding(const SlotBinding&) = delete;
  SlotBinding& operator=(const SlotBinding&) = delete;

 private:
  std::optional<c10::StreamGuard> guard_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_SLOT_H_
