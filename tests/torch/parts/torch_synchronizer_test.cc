// How a stream is waited for: what is tried first, and when it is polled.
#include "backend/torch/torch_synchronizer.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "c10/core/impl/VirtualGuardImpl.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/torch/twin.h"

namespace weir {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using std::chrono::microseconds;

// Its time goes on by 10 us whenever it is asked, and by as much as is waited.
class SteppingClock final : public Clock {
 public:
  TimePoint Now() const override { return now_ += microseconds(10); }
  bool WaitUntil(CondVar&, Mutex&, TimePoint deadline) override {
    naps_.push_back(
        std::chrono::duration_cast<microseconds>(deadline - now_).count());
    now_ = deadline;
    return true;
  }
  // In us.
  const std::vector<int64_t>& naps() const { return naps_; }

 private:
  mutable TimePoint now_ = TimePoint(std::chrono::hours(1));
  std::vector<int64_t> naps_;
};

class TorchSynchronizerTest : public testing::Test {
 protected:
  TorchSynchronizer Find(const std::string& settings,
                         Synchronize mode = Synchronize::kBlock) {
    twin_.Configure(settings);
    auto found = TorchSynchronizer::Find(stream_, mode, clock_);
    EXPECT_TRUE(found.ok()) << found.status();
    return *found;
  }
  // What the device is told in one wait, the same things in a row once.
  std::vector<std::string> Wait(const TorchSynchronizer& synchronizer,
                                WaitPace* pace) {
    twin_.Configure("log=on");
    (void)Twin::TakeNames();
    synchronizer.Wait(stream_, pace);
    std::vector<std::string> names = Twin::TakeNames();
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
  }

  Twin twin_{"streams=wrap32"};
  SteppingClock clock_;
  const c10::Stream stream_ =
      c10::impl::VirtualGuardImpl(c10::DeviceType::PrivateUse1)
          .getNewStream(c10::Device(kTwinDevice));
  WaitPace pace_;
};

constexpr char kRecord[] = "twin::record_event";
constexpr char kQuery[] = "twin::query_event";
constexpr char kBlock[] = "twin::synchronize_event";

TEST_F(TorchSynchronizerTest, TriesAStreamThenAnEventThenTheDevice) {
  using Way = TorchSynchronizer::Way;
  EXPECT_EQ(Find("sync_stream=works").way(), Way::kStream);
  EXPECT_EQ(Find("sync_stream=throws").way(), Way::kEvent);
  EXPECT_EQ(Find("events=throws").way(), Way::kDevice);
  twin_.Configure("sync_device=throws");
  const auto none =
      TorchSynchronizer::Find(stream_, Synchronize::kAuto, clock_).status();
  EXPECT_EQ(none.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(none.ToString(), HasSubstr("there is no way to wait"));
}

TEST_F(TorchSynchronizerTest, TakesAnEventThatCannotBeWaitedForAsNone) {
  EXPECT_EQ(Find("fail_syncs=1").way(), TorchSynchronizer::Way::kDevice);
}

TEST_F(TorchSynchronizerTest, BlocksWhereItIsToldTo) {
  EXPECT_THAT(Wait(Find(""), &pace_), ElementsAre(kRecord, kBlock));
  EXPECT_THAT(Wait(Find("sync_stream=works"), &pace_),
              ElementsAre("twin::synchronize_stream"));
  EXPECT_THAT(Wait(Find("sync_stream=throws,events=throws"), &pace_),
              ElementsAre("twin::synchronize_device"));
}

TEST_F(TorchSynchronizerTest, SpinsWhoseverWaitItIs) {
  while (pace_.nap() == Duration::zero()) pace_.PolledInVain();
  const TorchSynchronizer spins = Find("", Synchronize::kSpin);
  for (WaitPace* pace : {&pace_, static_cast<WaitPace*>(nullptr)}) {
    EXPECT_THAT(Wait(spins, pace), ElementsAre(kRecord, kQuery));
  }
  EXPECT_THAT(clock_.naps(), IsEmpty());
  EXPECT_THAT(Wait(Find("sync_stream=works", Synchronize::kSpin), nullptr),
              ElementsAre("twin::query_stream"));
}

TEST_F(TorchSynchronizerTest, LooksByItselfWhereAModelHasAPace) {
  const TorchSynchronizer chooses = Find("", Synchronize::kAuto);
  EXPECT_THAT(Wait(chooses, nullptr), ElementsAre(kRecord, kBlock));
  EXPECT_THAT(Wait(chooses, &pace_), ElementsAre(kRecord, kQuery));
}

TEST_F(TorchSynchronizerTest, SleepsAsLongAsThePaceSays) {
  const TorchSynchronizer chooses = Find("", Synchronize::kAuto);
  Wait(chooses, &pace_);
  EXPECT_THAT(clock_.naps(), IsEmpty());
  for (int i = 0; i < 10; ++i) pace_.PolledInVain();
  const Duration nap = pace_.nap();
  Wait(chooses, &pace_);
  EXPECT_THAT(clock_.naps(), ElementsAre(nap / microseconds(1)));
  EXPECT_LT(pace_.nap(), nap);  // it was done by then
}

TEST_F(TorchSynchronizerTest, BlocksWhereItPolledForLongEnough) {
  const TorchSynchronizer chooses = Find("", Synchronize::kAuto);
  twin_.Configure("queries=pending");
  const TimePoint begin = clock_.Now();
  EXPECT_THAT(Wait(chooses, &pace_), ElementsAre(kRecord, kQuery, kBlock));
  EXPECT_LE(clock_.Now() - begin, 2 * WaitPace::kPollMax);
  EXPECT_LT(pace_.poll(), WaitPace::kPollMax);
}

TEST_F(TorchSynchronizerTest, BlocksWhereNothingCanBePolled) {
  for (const char* streams : {"throws", "works"}) {
    const std::string settings = std::string("queries=throws,sync_stream=");
    const TorchSynchronizer spins =
        Find(settings + streams, Synchronize::kSpin);
    EXPECT_THAT(Wait(spins, &pace_), Contains(HasSubstr("twin::synchronize_")));
  }
}

}  // namespace
}  // namespace weir
