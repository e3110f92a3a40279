#include "tests/support/twin/twin_device.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "sync/check.h"
#include "tests/support/twin/twin_memory.h"

namespace weir {
namespace {

constexpr int64_t kRingStreams = 32;
constexpr int64_t kPoolStreams = 31;

thread_local int64_t thread_stream = 0;

// Whether `names` has an operator by its full name or by that of its overloads.
bool IsAmong(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& one) {
    return name == one || name.substr(0, name.find('.')) == one;
  });
}

}  // namespace

TwinDevice& TwinDevice::Get() {
  static TwinDevice& device = *new TwinDevice;
  return device;
}

TwinDevice::TwinDevice() {
  const char* settings = std::getenv("LIBWEIR_TWIN");
  const std::string problem =
      ReadGuise(settings == nullptr ? "" : settings, first_guise_);
  if (!problem.empty())
    std::fprintf(stderr, "LIBWEIR_TWIN: %s\n", problem.data());
  WEIR_CHECK(problem.empty(), "LIBWEIR_TWIN is wrong");
  MutexLock lock(mutex_);
  Apply(first_guise_, /*starts_pool=*/true);
}

void TwinDevice::Apply(TwinGuise guise, bool starts_pool) {
  guise_ = std::move(guise);
  has_struck_ = false;
  if (starts_pool) {
    ++pool_;
    last_stream_ = 0;
    free_.clear();
    for (int64_t i = 1; i <= kPoolStreams; ++i) free_.insert(i);
  }
  changed_.NotifyAll();
}

std::string TwinDevice::Configure(std::string_view settings) {
  MutexLock lock(mutex_);
  TwinGuise guise = guise_;
  std::string problem = ReadGuise(settings, guise);
  if (!problem.empty()) return problem;
  const bool starts_pool = settings.starts_with("streams=") ||
                           settings.find(",streams=") != std::string_view::npos;
  Apply(std::move(guise), starts_pool);
  return "";
}

void TwinDevice::Reset() {
  {
    MutexLock lock(mutex_);
    Apply(first_guise_, /*starts_pool=*/true);
    is_poisoned_ = false;
    num_overlaps_ = 0;
    ReleaseLocked();
  }
  log_.Clear();
}

void TwinDevice::Release() {
  MutexLock lock(mutex_);
  ReleaseLocked();
}

void TwinDevice::ReleaseLocked() {
  ++num_releases_;
  // Not by those who were let go: who asks next must not take them, not awake
  // yet, for others that came to wait.
  num_blocked_ = 0;
  changed_.NotifyAll();
}

void TwinDevice::Poison() {
  MutexLock lock(mutex_);
  is_poisoned_ = true;
}

void TwinDevice::Heal() {
  MutexLock lock(mutex_);
  is_poisoned_ = false;
}

bool TwinDevice::AwaitBlocked(uint64_t num_threads,
                              std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  MutexLock lock(mutex_);
  while (num_blocked_ < num_threads) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    changed_.WaitUntil(mutex_, deadline);
  }
  return true;
}

void TwinDevice::Describe(WeirTwinStatus& status) {
  TwinMemory::Get().Describe(status);
  status.num_log_missed = log_.num_missed();
  MutexLock lock(mutex_);
  status.num_overlaps = num_overlaps_;
  status.num_blocked = num_blocked_;
  status.is_poisoned = is_poisoned_ ? 1 : 0;
}

TwinGuise TwinDevice::guise() {
  MutexLock lock(mutex_);
  return guise_;
}

void TwinDevice::Log(std::string_view name, int64_t stream) {
  if (guise().logs) log_.Add(name, stream);
}

int64_t TwinDevice::current_stream() { return thread_stream; }

int64_t TwinDevice::ExchangeStream(int64_t stream) {
  return std::exchange(thread_stream, stream);
}

TwinDevice::Held::~Held() { TwinDevice::Get().GiveBack(*this); }

void TwinDevice::GiveBack(const Held& held) {
  MutexLock lock(mutex_);
  if (held.pool != pool_) return;
  free_.insert(held.streams.begin(), held.streams.end());
  changed_.NotifyAll();
}

int64_t TwinDevice::TakeStream() {
  MutexLock lock(mutex_);
  CheckHealthLocked();
  switch (guise_.streams) {
    case TwinStreams::kOne:
      return 0;
    case TwinStreams::kWrap32:
      last_stream_ = last_stream_ % kRingStreams + 1;
      return last_stream_;
    case TwinStreams::kThrow31:
    case TwinStreams::kBlock31:
      break;
  }
  return TakeFree();
}

int64_t TwinDevice::TakeFree() {
  thread_local Held held;
  const uint64_t num_releases = num_releases_;
  ++num_blocked_;
  while (free_.empty() && guise_.streams == TwinStreams::kBlock31 &&
         num_releases_ == num_releases) {
    changed_.NotifyAll();
    changed_.Wait(mutex_);
  }
  if (num_releases_ == num_releases) --num_blocked_;
  TORCH_CHECK(!free_.empty(), "TWIN stream pool is exhausted: all ",
              kPoolStreams, " streams are in use.");
  const int64_t stream = *free_.begin();
  free_.erase(free_.begin());
  if (held.pool != pool_) held.streams.clear();
  held.pool = pool_;
  held.streams.insert(stream);
  return stream;
}

void TwinDevice::CheckHealth() {
  MutexLock lock(mutex_);
  CheckHealthLocked();
}

void TwinDevice::CheckHealthLocked() {
  TORCH_CHECK(!is_poisoned_, "TWIN error: device-side assert triggered");
}

void TwinDevice::CheckSynchronise() {
  MutexLock lock(mutex_);
  CheckHealthLocked();
  if (guise_.fail_syncs == 0) return;
  --guise_.fail_syncs;
  TORCH_CHECK(false, "TWIN error: the command buffer was not executed");
}

bool TwinDevice::Meet(Runs::iterator run) {
  for (Running& other : runs_) {
    if (other.stream == run->stream) continue;
    other.has_met = true;
    ++num_overlaps_;
    changed_.NotifyAll();
    return true;
  }
  const auto deadline = std::chrono::steady_clock::now() +
                        std::chrono::milliseconds(guise_.hold_ms);
  while (!run->has_met && !has_struck_ && guise_.fault != TwinFault::kNone &&
         std::chrono::steady_clock::now() < deadline) {
    changed_.WaitUntil(mutex_, deadline);
  }
  return false;
}

void TwinDevice::Block() {
  const uint64_t num_releases = num_releases_;
  ++num_blocked_;
  changed_.NotifyAll();
  while (num_releases_ == num_releases) changed_.Wait(mutex_);
}

TwinRun::TwinRun(const std::string& name, bool is_view) : is_view_(is_view) {
  TwinDevice& device = TwinDevice::Get();
  device.Log(name, TwinDevice::current_stream());
  MutexLock lock(device.mutex_);
  device.CheckHealthLocked();
  TORCH_CHECK_NOT_IMPLEMENTED(
      !IsAmong(device.guise_.missing, name), "The operator '", name,
      "' is not currently implemented for the TWIN device. If you want this "
      "op to be considered for addition, say so. As a temporary fix, run "
      "the model on the CPU.");
  if (IsAmong(device.guise_.alien, name)) throw 42;
  if (is_view_) return;
  if (IsAmong(device.guise_.stalled, name)) {
    device.Block();
    device.CheckHealthLocked();
  }
  running_ =
      device.runs_.insert(device.runs_.end(), {TwinDevice::current_stream()});
  if (!device.Meet(running_)) return;
  const TwinFault fault = device.guise_.fault;
  is_corrupted_ = fault == TwinFault::kCorrupt;
  if (!is_corrupted_) device.has_struck_ = true;
  if (fault == TwinFault::kAbort) std::abort();
  if (fault == TwinFault::kHang) device.Block();
}

void TwinRun::NoteCorrupted() {
  TwinDevice& device = TwinDevice::Get();
  MutexLock lock(device.mutex_);
  device.has_struck_ = true;
  device.changed_.NotifyAll();
}

TwinRun::~TwinRun() {
  if (is_view_) return;
  TwinDevice& device = TwinDevice::Get();
  MutexLock lock(device.mutex_);
  device.runs_.erase(running_);
}

}  // namespace weir
