#include "backend/torch/torch_staging.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>
#include <vector>

#include "ATen/ops/empty.h"
#include "absl/base/thread_annotations.h"
#include "sync/mutex.h"

namespace weir {
namespace {

// A page: smaller pinned blocks cost as much.
constexpr size_t kBlockBytesMin = 4096;

size_t Rounded(size_t size) {
  return std::bit_ceil(std::max(size, kBlockBytesMin));
}

size_t ClassOf(size_t rounded) {
  return static_cast<size_t>(std::countr_zero(rounded));
}

}  // namespace

// The blocks that nobody uses, by the power of two that is their size.
struct TorchStaging::Shelf {
  Mutex mutex;
  std::array<std::vector<at::Tensor>, 64> blocks ABSL_GUARDED_BY(mutex);
  size_t kept_bytes ABSL_GUARDED_BY(mutex) = 0;

  void PutBack(at::Tensor block) {
    const auto size = static_cast<size_t>(block.numel());
    MutexLock lock(mutex);
    kept_bytes += size;
    blocks[ClassOf(size)].push_back(std::move(block));
  }

  // A block of that size, or an undefined tensor; what is kept beyond
  // `kept_max` is moved to `surplus`, for it must not be freed under the lock.
  at::Tensor Take(size_t size, size_t kept_max,
                  std::vector<at::Tensor>& surplus) {
    at::Tensor found;
    MutexLock lock(mutex);
    if (size > 0 && !blocks[ClassOf(size)].empty()) {
      found = std::move(blocks[ClassOf(size)].back());
      blocks[ClassOf(size)].pop_back();
      kept_bytes -= size;
    }
    for (size_t i = blocks.size(); i-- > 0 && kept_bytes > kept_max;) {
      while (!blocks[i].empty() && kept_bytes > kept_max) {
        kept_bytes -= static_cast<size_t>(blocks[i].back().numel());
        surplus.push_back(std::move(blocks[i].back()));
        blocks[i].pop_back();
      }
    }
    return found;
  }
};

TorchStaging::TorchStaging(bool pins)
    : pins_(pins), shelf_(std::make_shared<Shelf>()) {}

TorchStaging::~TorchStaging() = default;

std::shared_ptr<std::byte> TorchStaging::Take(size_t size) {
  const size_t rounded = Rounded(size);
  std::vector<at::Tensor> surplus;
  at::Tensor block = shelf_->Take(rounded, kKeptBytesMax, surplus);
  surplus.clear();
  if (!block.defined()) {
    block =
        at::empty({static_cast<int64_t>(rounded)},
                  at::TensorOptions().dtype(at::kByte).pinned_memory(pins_));
  }
  auto* data = static_cast<std::byte*>(block.mutable_data_ptr());
  return {data, [shelf = shelf_, block = std::move(block)](std::byte*) mutable {
            shelf->PutBack(std::move(block));
          }};
}

void TorchStaging::Trim() {
  std::vector<at::Tensor> surplus;
  shelf_->Take(0, 0, surplus);
}

}  // namespace weir
