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
  struct Block {
    at::Tensor memory;
    StagingUse use;  // the last one
  };

  Mutex mutex;
  std::array<std::vector<Block>, 64> blocks ABSL_GUARDED_BY(mutex);
  size_t kept_bytes ABSL_GUARDED_BY(mutex) = 0;

  void PutBack(Block block) {
    const auto size = static_cast<size_t>(block.memory.numel());
    MutexLock lock(mutex);
    kept_bytes += size;
    blocks[ClassOf(size)].push_back(std::move(block));
  }

  // A block of that size, or an undefined tensor; what is kept beyond
  // `kept_max` is moved to `surplus`, for it must not be freed under the lock.
  at::Tensor Take(size_t size, StagingUse use, size_t kept_max,
                  std::vector<Block>& surplus) {
    MutexLock lock(mutex);
    at::Tensor found = TakeLast(blocks[ClassOf(size)], use);
    DropBeyond(kept_max, surplus);
    return found;
  }

  void DropAll(std::vector<Block>& surplus) {
    MutexLock lock(mutex);
    DropBeyond(0, surplus);
  }

 private:
  // The last one of the same use, else of any.
  at::Tensor TakeLast(std::vector<Block>& same_size, StagingUse use)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    if (same_size.empty()) return {};
    const auto own =
        std::find_if(same_size.rbegin(), same_size.rend(),
                     [&](const Block& block) { return block.use == use; });
    std::swap(own == same_size.rend() ? same_size.back() : *own,
              same_size.back());
    at::Tensor found = std::move(same_size.back().memory);
    same_size.pop_back();
    kept_bytes -= static_cast<size_t>(found.numel());
    return found;
  }

  void DropBeyond(size_t kept_max, std::vector<Block>& surplus)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    for (size_t i = blocks.size(); i-- > 0 && kept_bytes > kept_max;) {
      while (!blocks[i].empty() && kept_bytes > kept_max) {
        kept_bytes -= static_cast<size_t>(blocks[i].back().memory.numel());
        surplus.push_back(std::move(blocks[i].back()));
        blocks[i].pop_back();
      }
    }
  }
};

TorchStaging::TorchStaging(bool pins)
    : pins_(pins), shelf_(std::make_shared<Shelf>()) {}

TorchStaging::~TorchStaging() = default;

std::shared_ptr<std::byte> TorchStaging::Take(size_t size, StagingUse use) {
  const size_t rounded = Rounded(size);
  std::vector<Shelf::Block> surplus;
  at::Tensor block = shelf_->Take(rounded, use, kKeptBytesMax, surplus);
  surplus.clear();
  if (!block.defined()) {
    block =
        at::empty({static_cast<int64_t>(rounded)},
                  at::TensorOptions().dtype(at::kByte).pinned_memory(pins_));
  }
  auto* data = static_cast<std::byte*>(block.mutable_data_ptr());
  return {data,
          [shelf = shelf_, use, block = std::move(block)](std::byte*) mutable {
            shelf->PutBack({std::move(block), use});
          }};
}

void TorchStaging::Trim() {
  std::vector<Shelf::Block> surplus;
  shelf_->DropAll(surplus);
}

}  // namespace weir
