// What the process is set to once there is a backend.
#include <dlfcn.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "ATen/Parallel.h"
#include "backend/module.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/clock.h"
#include "sync/thread.h"
#include "tests/torch/torch_rig.h"
#include "torch/csrc/jit/runtime/graph_executor.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<std::unique_ptr<Backend>> OpenTorch(Clock& clock,
                                                   int threads_per_slot) {
  BackendSettings settings{.clock = &clock};
  settings.config.threads_per_slot = threads_per_slot;
  return LoadBackendModule(WEIR_TORCH_MODULE, settings);
}

// Of the thread that asks, as the library of the threads itself knows it.
int NumThreads() {
  const auto ask =
      reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
  return ask == nullptr ? -1 : ask();
}

class TorchProcessTest : public TorchTest {
 public:
  ~TorchProcessTest() override { at::set_num_threads(1); }

 protected:
  static constexpr int kNumThreads = 3;

  TorchProcessTest()
      : TorchTest(
            [](Clock& clock) {
              return std::move(*OpenTorch(clock, kNumThreads));
            },
            "cpu") {}
};

// R59: it would compile anew for each size of a batch.
TEST_F(TorchProcessTest, HasNoProfilingExecutor) {
  EXPECT_FALSE(torch::jit::getProfilingMode());
}

TEST_F(TorchProcessTest, GivesARunAsManyThreadsAsItIsTold) {
  EXPECT_EQ(at::get_num_threads(), kNumThreads);
  EXPECT_EQ(at::get_num_interop_threads(), 1);
}

TEST_F(TorchProcessTest, GivesThemToRunsOnEveryThread) {
  Model& model = Load("affine");
  int num_threads = 0;
  Thread("worker", [&] {
    EXPECT_TRUE(Run(model, {Rows("x", {1, 2, 3, 4})}).outputs.ok());
    num_threads = NumThreads();
  }).Join();
  EXPECT_EQ(num_threads, kNumThreads);
}

int SlotsOfTheCpu(int threads_per_slot) {
  RealClock clock;
  return (*OpenTorch(clock, threads_per_slot))->Devices().back().slots_default;
}

TEST_F(TorchProcessTest, HasSlotsForAllCoresAndOneAtLeast) {
  const auto num_cores = static_cast<int>(std::thread::hardware_concurrency());
  EXPECT_EQ(SlotsOfTheCpu(1), num_cores);
  EXPECT_EQ(SlotsOfTheCpu(num_cores), 1);
  EXPECT_EQ(SlotsOfTheCpu(2 * num_cores), 1);
}

TEST_F(TorchProcessTest, SaysWhyThereIsNoBackend) {
  RealClock clock;
  const absl::Status status = OpenTorch(clock, -1).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.ToString(), HasSubstr("libtorch cannot be used: "));
}

}  // namespace
}  // namespace weir
