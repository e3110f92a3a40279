// WaitPace: what a model's waits for its device have taught, so that the next
// one ends neither late nor at the price of a core.
//
//   sleep for pace.nap();                     // leaves the core to others
//   if (is_done()) return pace.Overslept();
//   poll for pace.poll() until is_done();
//   is it? pace.SawItEnd(polled) : pace.PolledInVain(), and block
//
// To be woken by the device costs up to 100 us, to poll costs a core. The nap
// grows slowly while one wakes before the end, and shrinks fast when one wakes
// after it, so it ends shortly before the work does. Where no nap fits, for one
// wait is not like the other, many streams are at work: then the device is
// busy however late one comes, and polling in vain makes the next poll shorter.
//
// Thread-safety: any number of threads. Relaxed: these are hints that order
// nothing, and one that is lost costs nothing.
// Ownership: none.
// Failure: none.
#ifndef WEIR_BACKEND_TORCH_WAIT_PACE_H_
#define WEIR_BACKEND_TORCH_WAIT_PACE_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "sync/clock.h"

namespace weir {

class WaitPace {
 public:
  // A shorter sleep takes about as long: the system rounds up.
  static constexpr Duration kNapMin = std::chrono::microseconds(40);
  static constexpr Duration kPollMin = std::chrono::microseconds(25);
  static constexpr Duration kPollMax = std::chrono::microseconds(300);

  // How long to sleep before looking; zero: look at once.
  Duration nap() const {
    const Duration nap = Load(nap_);
    return nap < kNapMin ? Duration::zero() : nap;
  }
  // How long to poll before blocking.
  Duration poll() const { return Load(poll_); }

  // It was done when the nap was over.
  void Overslept() {
    const Duration nap = Load(nap_);
    // Where even the shortest nap is too long, polling is worth more for long.
    const bool is_shortest = nap < kNapMin + kNapMin / 4;
    Store(nap_, is_shortest ? Duration::zero() : nap - nap / 4);
  }
  // It was not, and ended after so much polling.
  void SawItEnd(Duration polled) {
    Store(nap_, Load(nap_) + polled / 12);
    const Duration poll = Load(poll_);
    Store(poll_, poll + (kPollMax - poll) / 8);
  }
  // It did not end while it was polled for.
  void PolledInVain() {
    const Duration nap = Load(nap_);
    const Duration poll = Load(poll_);
    Store(nap_, nap + poll / 4 + nap / 64);
    Store(poll_, std::max(kPollMin, poll - poll / 8));
  }

 private:
  using Hint = std::atomic<Duration::rep>;

  static Duration Load(const Hint& hint) {
    return Duration(hint.load(std::memory_order_relaxed));
  }
  static void Store(Hint& hint, Duration value) {
    hint.store(value.count(), std::memory_order_relaxed);
  }

  Hint nap_ = 0;
  Hint poll_ = kPollMax.count();
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_WAIT_PACE_H_
