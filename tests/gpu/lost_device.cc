// What befalls the others when one id past the end of a table is let through
// and takes the whole device with it:
//
//   lost_device --device cuda:0     exits with 4, as the daemon does
//   lost_device --device cpu        exits with 0: a CPU bears it
//
// Senders keep requests of a good model waiting. Each of them must be answered,
// and the loss told, within a second; what comes later is refused at once. Any
// other outcome exits with 1.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/gpu/arguments.h"
#include "tests/support/made_inputs.h"
#include "tests/support/real_pipeline.h"
#include "tests/torch/torch_fixtures.h"

namespace weir {
namespace {

constexpr int kExitDeviceLost = 4;
constexpr int kNumSenders = 8;
constexpr int kNumWaiting = 16;  // of each sender
constexpr int kNumBefore = 50;   // rounds before the hostile one
constexpr Duration kLossTimeMax = std::chrono::seconds(1);

using Tally = std::map<absl::StatusCode, int>;

class LostDevice {
 public:
  explicit LostDevice(const std::string& device)
      : backend_(TorchBackend(clock_)),
        rig_(*backend_, clock_, {.device = device, .slots = 4, .config = {}}),
        good_(rig_.Load(TorchSource("mlp"))) {
    rig_.Load(Unguarded());
  }

  // The code to exit with.
  int Run() {
    std::vector<Thread> senders;
    for (int i = 0; i < kNumSenders; ++i) {
      senders.emplace_back("sender", [this] { SendGood(); });
    }
    while (num_rounds_ < kNumBefore) std::this_thread::yield();
    const absl::Status status = SendBad();
    std::printf("the hostile one: %s\n", status.ToString().c_str());
    const bool is_told = AwaitLoss();
    const Duration told = clock_.Now() - sent_;
    stop_ = true;
    senders.clear();  // every request was answered
    const Tally around = tally();
    Print("before and around the loss", around);
    if (!is_told) return Judge(status, around);
    const Tally after = SendAfter();
    Print("after it", after);
    std::printf("lost after %.0f ms, all answered after %.0f ms\n",
                1e3 * ToSeconds(told), 1e3 * ToSeconds(clock_.Now() - sent_));
    const bool is_prompt = clock_.Now() - sent_ <= kLossTimeMax;
    const bool is_typed = AreTyped(around) && after.size() == 1 &&
                          after.count(absl::StatusCode::kUnavailable) == 1;
    return is_prompt && is_typed ? kExitDeviceLost : EXIT_FAILURE;
  }

 private:
  static ModelSource Unguarded() {
    ModelSource source = TorchSource("sticky");
    source.config.backend_options["input_guard"] = "off";
    return source;
  }

  // Keeps some requests waiting until told to stop.
  void SendGood() {
    const auto inputs = MadeInputs(good_, 2, /*seed=*/1);
    while (!stop_) {
      std::deque<Reply> replies(kNumWaiting);
      for (Reply& reply : replies) rig_.Send("mlp", reply, inputs);
      Tally tally;
      for (Reply& reply : replies) ++tally[reply.AwaitCode()];
      MutexLock lock(mutex_);
      for (const auto& [code, count] : tally) tally_[code] += count;
      ++num_rounds_;
    }
  }

  absl::Status SendBad() {
    Reply reply;
    sent_ = clock_.Now();
    rig_.Send("sticky", reply,
              {{"ids", IntTensor({1, 8}, std::vector<int64_t>(8, 1 << 30))}});
    return reply.Await().outputs.status();
  }

  Tally SendAfter() {
    Tally tally;
    for (int i = 0; i < 100; ++i) {
      Reply reply;
      rig_.Send("mlp", reply, MadeInputs(good_, 1, 1));
      ++tally[reply.AwaitCode()];
    }
    return tally;
  }

  // Whether the pool says within the time that the device is lost.
  bool AwaitLoss() {
    while (clock_.Now() - sent_ < kLossTimeMax) {
      if (rig_.slots().Read().service.lost) return true;
      std::this_thread::yield();
    }
    return false;
  }

  // Of a device that was not lost: right for a CPU, where the model throws.
  int Judge(const absl::Status& status, const Tally& around) {
    const bool is_whole =
        rig_.slots().Read().service.in_service == rig_.slots().num_slots();
    const bool is_right = !status.ok() && is_whole && around.size() == 1 &&
                          around.count(absl::StatusCode::kOk) == 1;
    std::printf("the device was not lost\n");
    return is_right && rig_.slots().device() == "cpu" ? EXIT_SUCCESS
                                                      : EXIT_FAILURE;
  }

  Tally tally() {
    MutexLock lock(mutex_);
    return tally_;
  }

  static bool AreTyped(const Tally& tally) {
    for (const auto& [code, count] : tally) {
      if (code != absl::StatusCode::kOk &&
          code != absl::StatusCode::kUnavailable) {
        return false;
      }
    }
    return true;
  }

  static void Print(const char* when, const Tally& tally) {
    std::printf("%s:", when);
    for (const auto& [code, count] : tally) {
      std::printf(" %s %d", absl::StatusCodeToString(code).c_str(), count);
    }
    std::printf("\n");
  }

  RealClock clock_;
  std::unique_ptr<Backend> backend_;
  RealPipeline rig_;
  const ModelSignature good_;
  // Nothing is published through them: the default order is for simplicity.
  std::atomic<bool> stop_ = false;
  std::atomic<int> num_rounds_ = 0;
  TimePoint sent_;

  Mutex mutex_;
  Tally tally_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  const weir::Arguments arguments(argc, argv);
  weir::LostDevice test(arguments.Text("device", "cuda:0"));
  const int code = test.Run();
  std::fflush(stdout);
  std::_Exit(code);  // a lost device is not torn down
}
