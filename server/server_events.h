// ServerEvents: what happens in the pipeline, told to the operator, and to the
// daemon, which acts on it.
//
//   ServerEvents events(log, clock, {.on_lost = [&](auto& device) { ... }});
//   Pipeline::Create(config, backend, clock, metrics, events);
//
// Thread-safety: any number of threads, under no lock.
// Ownership: borrows the log and the clock, which outlive it.
// Failure: none.
#ifndef WEIR_SERVER_SERVER_EVENTS_H_
#define WEIR_SERVER_SERVER_EVENTS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "server/pipeline/observer.h"
#include "server/telemetry/log.h"
#include "sync/clock.h"
#include "sync/mutex.h"

namespace weir {

class ServerEvents final : public Observer {
 public:
  // Called on whatever thread the news came.
  struct Hooks {
    std::function<void(const std::string& device)> on_lost;
    // Something that can answer may have become something that cannot, or the
    // other way round.
    std::function<void()> on_change;
  };

  ServerEvents(Log& log, Clock& clock, Hooks hooks)
      : log_(log), clock_(clock), hooks_(std::move(hooks)) {}

  void OnModelState(const std::string& model, int64_t version, ModelState state,
                    const absl::Status& why) override;
  void OnStuckRun(const std::string& model, const std::string& device) override;
  void OnStuckRunReturned(const std::string& model,
                          const std::string& device) override;
  void OnDevice(const std::string& device, const ServiceNews& news) override;
  void OnWarning(const std::string& sentence) override;

  // How long the version took to load and warm up the last time; zero where it
  // never did.
  Duration LoadTime(const std::string& model, int64_t version) const;

 private:
  struct Load {
    TimePoint began{};
    Duration took{0};
  };
  using Key = std::pair<std::string, int64_t>;

  void NoteLoading(const Key& key);
  Duration NoteReady(const Key& key);

  Log& log_;
  Clock& clock_;
  const Hooks hooks_;

  mutable Mutex mutex_;
  // One for each version that is in the model directory.
  std::map<Key, Load> loads_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_SERVER_SERVER_EVENTS_H_
