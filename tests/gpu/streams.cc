// What the slots of a device have beside each other: streams of their own,
// whose kernels run at once.
#include <algorithm>
#include <cstdio>
#include <latch>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/thread.h"
#include "tests/support/backend_rig.h"
#include "tests/support/tensors.h"
#include "tests/torch/device_under_test.h"
#include "tests/torch/torch_fixtures.h"

namespace weir {
namespace {

using ::testing::SizeIs;

class StreamsTest : public testing::Test {
 protected:
  // The time that runs of the model take, one on each of the slots, from the
  // first one's start to the last one's end.
  Duration TimeOn(Model& model, const std::vector<int>& slots) {
    std::vector<TimePoint> begins(slots.size());
    std::vector<TimePoint> ends(slots.size());
    std::latch start(static_cast<ptrdiff_t>(slots.size()));
    std::vector<Thread> threads;
    for (size_t i = 0; i < slots.size(); ++i) {
      threads.emplace_back("runner", [&, i] {
        SlotLease lease = OrDie(rig_.pool().Acquire(slots[i], kNever));
        Run(model, lease);  // this thread's first one sets things up
        start.arrive_and_wait();
        begins[i] = clock_.Now();
        Run(model, lease);
        ends[i] = clock_.Now();
      });
    }
    threads.clear();
    return *std::max_element(ends.begin(), ends.end()) -
           *std::min_element(begins.begin(), begins.end());
  }

  // Of several, for other programs have the device's processors at times.
  Duration ShortestTimeOn(Model& model, const std::vector<int>& slots) {
    Duration shortest = Duration::max();
    for (int i = 0; i < 7; ++i) {
      shortest = std::min(shortest, TimeOn(model, slots));
    }
    return shortest;
  }

  static void Run(Model& model, SlotLease& lease) {
    const RunResult result =
        RunTogether(model, lease, {{{"x", FloatTensor({1, 4}, {1, 2, 3, 4})}}});
    ASSERT_TRUE(result.outputs.ok()) << result.outputs.status();
    EXPECT_EQ(Floats(result.outputs->at(0).tensor)[3], 200004);
  }

  RealClock clock_;
  std::unique_ptr<Backend> backend_ = TorchBackend(clock_);
  BackendRig rig_{*backend_, clock_, DeviceUnderTest(), 2};
};

TEST_F(StreamsTest, RunsTheKernelsOfTwoSlotsAtOnce) {
  std::unique_ptr<Model> model = rig_.Load(TorchSource("narrow"));
  const Duration one = ShortestTimeOn(*model, {0});
  const Duration two = ShortestTimeOn(*model, {0, 1});
  rig_.Free(std::move(model));
  std::printf("one kernel takes %.2f ms, two at once %.2f ms\n",
              1e3 * ToSeconds(one), 1e3 * ToSeconds(two));
  if (IsCpuUnderTest()) return;  // its cores may be others'
  EXPECT_LT(ToSeconds(two), 1.5 * ToSeconds(one));
}

// As R03 has it: a probe knows a stream that it has met.
TEST(StreamsOfProbeTest, FindsThirtyTwoDistinctStreams) {
  RealClock clock;
  const std::unique_ptr<Backend> backend = TorchBackend(clock);
  const Probed probed = OrDie(backend->Probe(DeviceUnderTest(), 64));
  std::set<std::string> streams;
  for (const std::unique_ptr<Slot>& slot : probed.slots) {
    streams.insert(slot->stream());
  }
  EXPECT_THAT(probed.slots, SizeIs(IsCpuUnderTest() ? 64 : 32));
  if (IsCpuUnderTest()) return;  // its slots are permits
  EXPECT_THAT(streams, SizeIs(32));
}

}  // namespace
}  // namespace weir
