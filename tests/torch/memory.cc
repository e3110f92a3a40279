// What is left of models that come and go.
#ifdef __APPLE__
#include <malloc/malloc.h>
#else
#include <malloc.h>
#endif

#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/backend_rig.h"
#include "tests/support/made_inputs.h"
#include "tests/torch/device_under_test.h"
#include "tests/torch/memory_growth.h"
#include "tests/torch/torch_fixtures.h"

namespace weir {
namespace {

constexpr int kNumCycles = 200;
constexpr double kGrowthMax = 32 * kKibibyte;  // bytes a cycle
constexpr double kRiseMax = 16 * kMebibyte;
constexpr size_t kPlantedLeak = 512 * kKibibyte;

// As the server does once it freed a model.
void TrimHeap() {
#ifdef __APPLE__
  malloc_zone_pressure_relief(nullptr, 0);
#else
  malloc_trim(0);
#endif
}

class MemoryTest : public testing::Test {
 protected:
  struct Growth {
    MemoryGrowth resident;
    MemoryGrowth reserved;  // these two by the device's allocator
    MemoryGrowth allocated;
  };

  // Loads, runs and frees a model in each cycle, and calls `also`.
  Growth Cycle(const std::function<void()>& also) {
    static constexpr const char* kModels[] = {"mlp", "transformer",
                                              "convolution", "embedding"};
    Growth growth;
    for (uint32_t cycle = 0; cycle < kNumCycles; ++cycle) {
      std::unique_ptr<Model> model = rig_.Load(TorchSource(kModels[cycle % 4]));
      for (uint32_t run = 0; run < 4; ++run) RunOnce(*model, run);
      rig_.Free(std::move(model));
      {
        SlotLease lease = OrDie(rig_.pool().Acquire(-1, kNever));
        backend_->EmptyCache(lease);
      }
      TrimHeap();
      also();
      growth.resident.Add(ResidentBytes());
      growth.reserved.Add(Memory().reserved_bytes);
      growth.allocated.Add(Memory().allocated_bytes);
    }
    return growth;
  }

  void RunOnce(Model& model, uint32_t seed) {
    const auto inputs = MadeInputs(model.signature(), 8, seed);
    SlotLease lease =
        OrDie(rig_.pool().Acquire(static_cast<int>(seed), kNever));
    const RunResult result = RunTogether(model, lease, {inputs});
    ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
  }

  DeviceMemory Memory() const { return backend_->Memory(DeviceUnderTest()); }

  RealClock clock_;
  std::unique_ptr<Backend> backend_ = TorchBackend(clock_);
  BackendRig rig_{*backend_, clock_, DeviceUnderTest(), 4};
};

// R33
TEST_F(MemoryTest, StaysFlatWhileModelsComeAndGo) {
  const Growth growth = Cycle([] {});
  std::printf("resident memory grows by %.0f bytes a cycle\n",
              growth.resident.BytesPerCycle());
  EXPECT_LT(growth.resident.BytesPerCycle(), kGrowthMax);
  EXPECT_LE(growth.resident.SecondHalfRise(), kRiseMax);
  EXPECT_LT(growth.reserved.BytesPerCycle(), 1);
  EXPECT_LT(growth.allocated.BytesPerCycle(), 1);
}

TEST_F(MemoryTest, ShowsALeakThatIsPlanted) {
  std::vector<std::string> leaked;
  const Growth growth = Cycle([&] { leaked.emplace_back(kPlantedLeak, 'x'); });
  EXPECT_GT(growth.resident.BytesPerCycle(), 2 * kGrowthMax);
  EXPECT_GT(growth.resident.SecondHalfRise(), kRiseMax);
}

}  // namespace
}  // namespace weir
