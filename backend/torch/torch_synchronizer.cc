#include "backend/torch/torch_synchronizer.h"

#include <exception>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "backend/torch/torch_error.h"
#include "c10/core/Event.h"
#include "c10/core/impl/VirtualGuardImpl.h"
#include "sync/mutex.h"

namespace weir {
namespace {

// Tells the core that a loop waits for memory to change.
void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

c10::impl::VirtualGuardImpl GuardOf(const c10::Stream& stream) {
  return c10::impl::VirtualGuardImpl(stream.device_type());
}

// Whether it returns; `why` then says what it threw.
bool Succeeds(absl::FunctionRef<void()> attempt, std::string& why) {
  try {
    attempt();
    return true;
  } catch (const std::exception& error) {
    absl::StrAppend(&why, why.empty() ? "" : "; ", PlainMessage(error));
    return false;
  }
}

}  // namespace

absl::StatusOr<TorchSynchronizer> TorchSynchronizer::Find(
    const c10::Stream& stream, Synchronize mode, Clock& clock) {
  const auto guard = GuardOf(stream);
  std::string why;
  std::string ignored;
  if (Succeeds([&] { guard.synchronizeStream(stream); }, why)) {
    const bool can_query =
        Succeeds([&] { (void)guard.queryStream(stream); }, ignored);
    return TorchSynchronizer(Way::kStream, can_query, mode, clock);
  }
  if (Succeeds(
          [&] {
            c10::Event event(stream.device_type());
            event.record(stream);
            event.synchronize();
          },
          why)) {
    const bool can_query = Succeeds(
        [&] {
          c10::Event event(stream.device_type());
          event.record(stream);
          (void)event.query();
          event.synchronize();
        },
        ignored);
    return TorchSynchronizer(Way::kEvent, can_query, mode, clock);
  }
  if (Succeeds([&] { guard.synchronizeDevice(stream.device_index()); }, why)) {
    return TorchSynchronizer(Way::kDevice, false, mode, clock);
  }
  return absl::FailedPreconditionError(
      absl::StrCat("there is no way to wait for its work: ", why));
}

absl::string_view TorchSynchronizer::WayText() const {
  switch (way_) {
    case Way::kStream:
      return "waits for a stream";
    case Way::kEvent:
      return "waits for an event on a stream";
    case Way::kDevice:
      break;
  }
  return "waits for the whole device";
}

void TorchSynchronizer::Nap(Duration time) const {
  const TimePoint until = SaturatingAdd(clock_->Now(), time);
  Mutex mutex;
  CondVar never;
  MutexLock lock(mutex);
  while (!clock_->WaitUntil(never, mutex, until)) {
  }
}

bool TorchSynchronizer::Looked(IsDone is_done, WaitPace* pace) const {
  if (!can_query_) return false;
  switch (mode_) {
    case Synchronize::kBlock:
      return false;
    case Synchronize::kSpin:
      while (!is_done()) Pause();
      return true;
    case Synchronize::kAuto:
      break;
  }
  return pace != nullptr && LookedAtPace(is_done, *pace);
}

bool TorchSynchronizer::LookedAtPace(IsDone is_done, WaitPace& pace) const {
  if (const Duration nap = pace.nap(); nap > Duration::zero()) {
    Nap(nap);
    if (is_done()) {
      pace.Overslept();
      return true;
    }
  }
  const TimePoint begin = clock_->Now();
  const Duration poll = pace.poll();
  Duration polled = Duration::zero();
  while (!is_done()) {
    polled = clock_->Now() - begin;
    if (polled >= poll) {
      pace.PolledInVain();
      return false;
    }
    Pause();
  }
  pace.SawItEnd(polled);
  return true;
}

void TorchSynchronizer::Wait(const c10::Stream& stream, WaitPace* pace) const {
  const auto guard = GuardOf(stream);
  switch (way_) {
    case Way::kStream:
      if (Looked([&] { return guard.queryStream(stream); }, pace)) return;
      guard.synchronizeStream(stream);
      return;
    case Way::kEvent: {
      c10::Event event(stream.device_type());
      event.record(stream);
      if (Looked([&] { return event.query(); }, pace)) return;
      event.synchronize();
      return;
    }
    case Way::kDevice:
      guard.synchronizeDevice(stream.device_index());
      return;
  }
}

}  // namespace weir
