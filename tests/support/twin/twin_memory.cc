#include "tests/support/twin/twin_memory.h"

#include <c10/core/impl/alloc_cpu.h>

#include <algorithm>
#include <cstring>
#include <iterator>

namespace weir {
namespace {

// Four of these bytes are a NaN: device memory starts as rubbish.
constexpr int kRubbish = 0xFF;

}  // namespace

TwinMemory& TwinMemory::Get() {
  static TwinMemory& memory = *new TwinMemory;
  return memory;
}

void* TwinMemory::Allocate(size_t nbytes) {
  if (nbytes == 0) return nullptr;
  void* data = c10::alloc_cpu(nbytes);
  std::memset(data, kRubbish, nbytes);
  MutexLock lock(mutex_);
  ++num_allocations_;
  allocated_bytes_ += nbytes;
  reserved_bytes_ = std::max(reserved_bytes_, allocated_bytes_);
  return data;
}

void TwinMemory::Free(void* data, size_t nbytes) {
  if (nbytes == 0) return;
  c10::free_cpu(data);
  MutexLock lock(mutex_);
  --num_allocations_;
  allocated_bytes_ -= nbytes;
}

void TwinMemory::EmptyCache() {
  MutexLock lock(mutex_);
  ++num_empty_caches_;
  reserved_bytes_ = allocated_bytes_;
}

void* TwinMemory::Pin(size_t nbytes) {
  if (nbytes == 0) return nullptr;
  void* data = c10::alloc_cpu(nbytes);
  MutexLock lock(mutex_);
  pinned_[reinterpret_cast<uintptr_t>(data)] = nbytes;
  pinned_bytes_ += nbytes;
  return data;
}

void TwinMemory::Unpin(void* data) {
  if (data == nullptr) return;
  {
    MutexLock lock(mutex_);
    const auto block = pinned_.find(reinterpret_cast<uintptr_t>(data));
    pinned_bytes_ -= block->second;
    pinned_.erase(block);
  }
  c10::free_cpu(data);
}

bool TwinMemory::IsPinned(const void* data) {
  const auto address = reinterpret_cast<uintptr_t>(data);
  MutexLock lock(mutex_);
  const auto after = pinned_.upper_bound(address);
  if (after == pinned_.begin()) return false;
  const auto block = std::prev(after);
  return address < block->first + block->second;
}

void TwinMemory::Describe(WeirTwinStatus& status) {
  MutexLock lock(mutex_);
  status.allocated_bytes = allocated_bytes_;
  status.reserved_bytes = reserved_bytes_;
  status.num_allocations = num_allocations_;
  status.num_empty_caches = num_empty_caches_;
  status.pinned_bytes = pinned_bytes_;
}

}  // namespace weir
