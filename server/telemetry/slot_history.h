// SlotHistory: how busy each slot was in each second of the last minute.
//
//   SlotHistory history;
//   history.Sample(snapshot, clock.Now());      // once a second
//   for (int percent : history.Read()["mps"][0].percents) ...
//
// A slot's busy time grows when a run ends. A run that goes on from one sample
// to the next counts as busy all the same, and time that a run is told to have
// taken before the last sample is put into the seconds before it.
//
// Samples that come late fill the seconds between with their average; one that
// comes less than half a second after the last is left out, so anybody may ask
// for one.
//
// Thread-safety: any number of threads.
// Ownership: a value; it keeps nothing of a snapshot.
// Failure: none. Of more than 64 devices and 1,024 slots of each, the rest has
// no history; so it holds less than 8 MiB at most, 100 bytes a slot.
#ifndef WEIR_SERVER_TELEMETRY_SLOT_HISTORY_H_
#define WEIR_SERVER_TELEMETRY_SLOT_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/telemetry/telemetry_snapshot.h"
#include "sync/clock.h"
#include "sync/mutex.h"

namespace weir {

class SlotHistory {
 public:
  static constexpr size_t kNumSecondsMax = 60;
  static constexpr size_t kNumDevicesMax = 64;
  static constexpr size_t kNumSlotsMax = 1024;

  // A slot's busy share of each second, 0 to 100, the oldest first. Fewer than
  // 60 where it has not been watched for a minute.
  using Percents = std::vector<uint8_t>;
  // The slots of each device, by its name.
  using Lanes = std::map<std::string, std::vector<Percents>>;

  void Sample(const TelemetrySnapshot& snapshot, TimePoint now);
  Lanes Read() const;

 private:
  struct Line {
    Duration credited{0};  // of the slot's busy time, what is in `percents`
    uint64_t leases = 0;
    bool leased = false;
    Percents percents = {};
  };
  struct Span {
    Duration time;
    size_t num_seconds;
  };

  static Line LineOf(const SlotSnapshot& slot);
  static void Extend(Line& line, const SlotSnapshot& slot, const Span& span);
  static void Fill(Percents& percents, Duration busy, const Span& span);

  mutable Mutex mutex_;
  std::map<std::string, std::vector<Line>> devices_ ABSL_GUARDED_BY(mutex_);
  std::optional<TimePoint> last_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace weir

#endif  // WEIR_SERVER_TELEMETRY_SLOT_HISTORY_H_
