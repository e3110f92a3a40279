#include "server/device_memories.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/server/server_rig.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

// Its allocator counts under a lock, which somebody holds after the first look.
class LockedMemory final : public Backend {
 public:
  LockedMemory(FakeBackend& backend, Clock& clock)
      : backend_(backend), clock_(clock) {}

  std::string name() const override { return backend_.name(); }
  std::vector<DeviceInfo> Devices() const override {
    return backend_.Devices();
  }
  bool needs_files() const override { return backend_.needs_files(); }
  absl::StatusOr<Probed> Probe(const std::string& device, int slots_max,
                               absl::FunctionRef<void(int)> found) override {
    return backend_.Probe(device, slots_max, found);
  }
  absl::StatusOr<std::unique_ptr<ModelFile>> Read(
      const ModelSource& source) override {
    return backend_.Read(source);
  }
  absl::StatusOr<std::unique_ptr<Model>> Load(SlotLease& lease,
                                              ModelFile& file) override {
    return backend_.Load(lease, file);
  }
  void EmptyCache(SlotLease& lease) override { backend_.EmptyCache(lease); }
  DeviceMemory Memory(const std::string& device) const override {
    if (num_looks_++ > 0) backend_.Gate("memory").Pass(clock_, nullptr);
    return backend_.Memory(device);
  }
  absl::Status Revive(SlotLease& lease) override {
    return backend_.Revive(lease);
  }

 private:
  FakeBackend& backend_;
  Clock& clock_;
  mutable std::atomic<int> num_looks_ = 0;
};

// R31: the look at memory hangs, and nobody who asks waits for it.
TEST(DeviceMemoriesTest, TellsHowItIsWhileADevicesMemoryCannotBeRead) {
  ServerRig rig;
  rig.wrapped = std::make_unique<LockedMemory>(rig.backend, rig.clock);
  rig.Script("a", "");
  EXPECT_TRUE(rig.Start().ok());
  rig.backend.Gate("memory").AwaitInside(1);
  for (const char* path : {"/healthz", "/readyz", "/metrics", "/status"}) {
    EXPECT_THAT(rig.Get(path), HasSubstr(" 200 ")) << path;
  }
  rig.backend.Gate("memory").Open();
}

}  // namespace
}  // namespace weir
