// What becomes of a call that its client cancels, at weir's own server.
#include <atomic>
#include <optional>
#include <thread>
#include <vector>

#include "clients/cpp/client.h"
#include "gtest/gtest.h"
#include "sync/mutex.h"
#include "sync/thread.h"
#include "tests/rpc/rpc_rig.h"

namespace weir {
namespace {

// What a call has ended with, each time that it did.
class Ends {
 public:
  void Add(const absl::Status& status) {
    MutexLock lock(mutex_);
    codes_.push_back(status.code());
    changed_.NotifyAll();
  }
  std::vector<absl::StatusCode> Await() {
    MutexLock lock(mutex_);
    while (codes_.empty()) changed_.Wait(mutex_);
    return codes_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<absl::StatusCode> codes_ ABSL_GUARDED_BY(mutex_);
};

class CancelTest : public testing::Test {
 protected:
  static constexpr absl::StatusCode kOk = absl::StatusCode::kOk;
  static constexpr absl::StatusCode kCancelled = absl::StatusCode::kCancelled;
  using Codes = std::vector<absl::StatusCode>;

  CancelTest() : client_(Client::Connect(rig_.server->addresses()[0])) {}

  void Load(const FakeScript& script) {
    rig_.backend.Script("m", script);
    rig_.pipeline.Load({.name = "m", .config = {.runs_max = 1}});
  }
  PendingInfer Infer(Ends& ends) {
    return client_->InferAsync(
        {.model = "m", .inputs = {TensorOf<float>("x", {1}, {1})}},
        [&](const auto& result) { ends.Add(result.status()); });
  }
  void AwaitQueued(int number) {
    const auto queued = [this] {
      return rig_.pipeline.pipeline().scheduler().ViewModel("m").num_queued;
    };
    while (queued() != number) std::this_thread::yield();
  }
  // Ends what is under way: no callback comes after it.
  void DropClient() { client_ = absl::CancelledError("gone"); }

  RpcRig rig_;
  Ends ends_;
  absl::StatusOr<Client> client_;
};

TEST_F(CancelTest, KeepsACallInTheQueueFromEverRunning) {
  Load({.gate = "hold"});
  Ends held;
  Infer(held);
  rig_.backend.Gate("hold").AwaitInside(1);
  const PendingInfer waiting = Infer(ends_);
  AwaitQueued(1);
  waiting.Cancel();
  EXPECT_EQ(ends_.Await(), Codes{kCancelled});
  AwaitQueued(0);
  rig_.backend.Gate("hold").Open();
  EXPECT_EQ(held.Await(), Codes{kOk});
  DropClient();
  rig_.server->Stop();
  EXPECT_EQ(rig_.backend.RunCount(), 1);
}

TEST_F(CancelTest, EndsACallThatRuns) {
  Load({.gate = "never", .heeds_stop = true});
  const PendingInfer running = Infer(ends_);
  rig_.backend.Gate("never").AwaitInside(1);
  running.Cancel();
  EXPECT_EQ(ends_.Await(), Codes{kCancelled});
}

TEST_F(CancelTest, CallsBackOnceHoweverOftenItIsCancelled) {
  Load({.gate = "never", .heeds_stop = true});
  const PendingInfer running = Infer(ends_);
  const PendingInfer copy = running;
  for (int i = 0; i < 10; ++i) (i % 2 == 0 ? running : copy).Cancel();
  DropClient();
  EXPECT_EQ(ends_.Await(), Codes{kCancelled});
}

TEST_F(CancelTest, CallsBackOnceHoweverItRacesWithTheAnswer) {
  Load({});
  for (int i = 0; i < 100; ++i) {
    Ends ends;
    const PendingInfer racing = Infer(ends);
    {
      const Thread other("other", [&] { racing.Cancel(); });
      racing.Cancel();
    }
    const Codes codes = ends.Await();
    ASSERT_EQ(codes.size(), 1U);
    EXPECT_TRUE(codes[0] == kOk || codes[0] == kCancelled) << codes[0];
  }
}

TEST_F(CancelTest, DoesNothingToWhatHasEnded) {
  Load({});
  const PendingInfer ended = Infer(ends_);
  EXPECT_EQ(ends_.Await(), Codes{kOk});
  ended.Cancel();
  DropClient();
  ended.Cancel();
  EXPECT_EQ(ends_.Await(), Codes{kOk});
}

TEST_F(CancelTest, DoesNothingToWhatWasNeverSent) {
  const PendingInfer never =
      client_->InferAsync({.timeout = std::chrono::nanoseconds(0)},
                          [&](const auto& r) { ends_.Add(r.status()); });
  never.Cancel();
  PendingInfer().Cancel();
  EXPECT_EQ(ends_.Await(), Codes{absl::StatusCode::kInvalidArgument});
}

TEST_F(CancelTest, LetsACallGoOnWhoseNameIsDropped) {
  Load({.gate = "hold"});
  std::optional<PendingInfer> named = Infer(ends_);
  rig_.backend.Gate("hold").AwaitInside(1);
  named.reset();
  rig_.backend.Gate("hold").Open();
  EXPECT_EQ(ends_.Await(), Codes{kOk});
}

TEST_F(CancelTest, LeavesOtherCallsAlone) {
  Load({.gate = "hold"});
  Ends held;
  Infer(held);
  rig_.backend.Gate("hold").AwaitInside(1);
  Infer(ends_).Cancel();
  EXPECT_EQ(ends_.Await(), Codes{kCancelled});
  rig_.backend.Gate("hold").Open();
  EXPECT_EQ(held.Await(), Codes{kOk});
}

}  // namespace
}  // namespace weir
