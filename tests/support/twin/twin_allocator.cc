// The twin's memory as libtorch knows it: a device allocator, a host allocator
// for pinned memory, and the hooks that lead there.
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <memory>

#include "tests/support/twin/twin_device.h"
#include "tests/support/twin/twin_memory.h"

namespace weir {
namespace {

const c10::Device kTwin(c10::DeviceType::PrivateUse1, 0);

struct Block {
  void* data;
  size_t nbytes;
};

void FreeBlock(void* context) {
  const std::unique_ptr<Block> block(static_cast<Block*>(context));
  TwinMemory::Get().Free(block->data, block->nbytes);
}

void UnpinBlock(void* data) { TwinMemory::Get().Unpin(data); }

class TwinAllocator final : public c10::DeviceAllocator {
 public:
  c10::DataPtr allocate(size_t nbytes) override {
    TwinDevice::Get().CheckHealth();
    void* data = TwinMemory::Get().Allocate(nbytes);
    return {data, new Block{data, nbytes}, &FreeBlock, kTwin};
  }
  void copy_data(void* to, const void* from,
                 std::size_t nbytes) const override {
    default_copy_data(to, from, nbytes);
  }
  bool initialized() override { return true; }
  void emptyCache(c10::MempoolId_t) override { TwinMemory::Get().EmptyCache(); }
  void recordStream(const c10::DataPtr&, c10::Stream) override {}
  c10::CachingDeviceAllocator::DeviceStats getDeviceStats(
      c10::DeviceIndex) override {
    WeirTwinStatus status = {};
    TwinMemory::Get().Describe(status);
    c10::CachingDeviceAllocator::DeviceStats stats;
    stats.allocation[0].current = static_cast<int64_t>(status.num_allocations);
    stats.allocated_bytes[0].current =
        static_cast<int64_t>(status.allocated_bytes);
    stats.reserved_bytes[0].current =
        static_cast<int64_t>(status.reserved_bytes);
    return stats;
  }
  void resetAccumulatedStats(c10::DeviceIndex) override {}
  void resetPeakStats(c10::DeviceIndex) override {}
};

class PinnedAllocator final : public at::HostAllocator {
 public:
  c10::DataPtr allocate(size_t nbytes) override {
    TORCH_CHECK(TwinDevice::Get().guise().pins,
                "Need to provide pin_memory allocator to use pin memory.");
    void* data = TwinMemory::Get().Pin(nbytes);
    return {data, data, &UnpinBlock, c10::Device(c10::DeviceType::CPU)};
  }
  void copy_data(void* to, const void* from,
                 std::size_t nbytes) const override {
    default_copy_data(to, from, nbytes);
  }
  c10::DeleterFnPtr raw_deleter() const override { return &UnpinBlock; }
  bool record_event(void*, void*, c10::Stream) override { return true; }
  void empty_cache() override {}
  at::HostStats get_stats() override { return {}; }
  void reset_accumulated_stats() override {}
  void reset_peak_stats() override {}
};

PinnedAllocator& Pinned() {
  static PinnedAllocator& allocator = *new PinnedAllocator;
  return allocator;
}

struct TwinHooks final : public at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(c10::DeviceIndex) const override { return true; }
  c10::DeviceIndex deviceCount() const override { return 1; }
  c10::DeviceIndex getCurrentDevice() const override { return 0; }
  void setCurrentDevice(c10::DeviceIndex) const override {}
  c10::DeviceIndex exchangeDevice(c10::DeviceIndex) const override { return 0; }
  c10::DeviceIndex maybeExchangeDevice(c10::DeviceIndex) const override {
    return 0;
  }
  at::Device getDeviceFromPtr(void*) const override { return kTwin; }
  bool isPinnedPtr(const void* data) const override {
    return TwinMemory::Get().IsPinned(data);
  }
  at::Allocator* getPinnedMemoryAllocator() const override { return &Pinned(); }
};

// Does its work while the module is opened.
const bool kRegistered = [] {
  c10::SetAllocator(c10::DeviceType::PrivateUse1, new TwinAllocator);
  at::setHostAllocator(c10::DeviceType::PrivateUse1, &Pinned());
  at::RegisterPrivateUse1HooksInterface(new TwinHooks);
  return true;
}();

}  // namespace
}  // namespace weir
