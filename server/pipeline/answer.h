// Answer: what a request is told, once.
//
// The code says whose fault it
// is, the refusal says why it never ran, retry_after when to come back.
//
// Thread-safety: a value; the status crosses threads by move.
// Ownership: owns its outputs, which own their memory, and shares the version.
// Failure: none.
#ifndef WEIR_SERVER_PIPELINE_ANSWER_H_
#define WEIR_SERVER_PIPELINE_ANSWER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/model.h"
#include "sync/clock.h"

namespace weir {

// Why a request was answered without a run of its own. Also a metric label, so
// the set is closed.
enum class Refusal {
  kNone,          // it ran
  kInvalid,       // its own fault: a name, datatype, shape, size or value
  kUnknownModel,  // no such model or version
  kNotReady,      // the model is loading, failed, or wholly stuck
  kModelRequests,
  kModelBytes,
  kTotalRequests,
  kTotalBytes,
  kDraining,
  kDeviceDown,
  kExpired,    // the deadline passed before its run began
  kCancelled,  // the client went away before its run began
  kWatchdog,   // its run took too long and was given up
};
inline constexpr int kNumRefusals = 13;

std::string_view Name(Refusal refusal);

// Where the time of a request went; zero where it never got that far.
struct StageTimes {
  Duration queue{0};      // admitted to batch ready
  Duration slot_wait{0};  // batch ready to taken
  Duration gather{0};
  Duration run{0};
};

class ModelVersion;
// Keeps a version loaded. The last one posts the model to be freed.
using ModelHandle = std::shared_ptr<const ModelVersion>;

struct Answer {
  absl::StatusOr<Outputs> outputs;
  Refusal refusal = Refusal::kNone;
  // Set on overload alone: when there may be room again.
  std::optional<Duration> retry_after;
  StageTimes times;
  int64_t rows = 0;  // that ran
  // Set by the completion: what the request was for, where there is such a
  // version. Whoever keeps an answer keeps the version loaded.
  ModelHandle model = nullptr;
};

inline Answer Refuse(absl::Status why, Refusal refusal) {
  return Answer{std::move(why), refusal, std::nullopt, {}};
}

}  // namespace weir

#endif  // WEIR_SERVER_PIPELINE_ANSWER_H_
