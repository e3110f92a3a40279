// TwinGuise: what the twin plays, as plain values; see twin_control.h.
//
//   TwinGuise guise;
//   std::string problem = ReadGuise("streams=wrap32,fault=hang", guise);
//
// Thread-safety: a value.
// Ownership: none.
// Failure: ReadGuise says what is wrong and leaves the guise as it was.
#ifndef WEIR_TESTS_SUPPORT_TWIN_TWIN_GUISE_H_
#define WEIR_TESTS_SUPPORT_TWIN_TWIN_GUISE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir {

enum class TwinStreams { kOne, kWrap32, kThrow31, kBlock31 };
enum class TwinQueries { kDone, kPending, kThrow };
enum class TwinFault { kNone, kCount, kCorrupt, kHang, kAbort };

struct TwinGuise {
  TwinStreams streams = TwinStreams::kOne;
  bool stream_synchronizes = false;
  bool events_work = true;
  bool device_synchronizes = true;
  TwinQueries queries = TwinQueries::kDone;
  int fail_syncs = 0;
  bool refuses_fp64 = true;
  bool pins = true;
  std::vector<std::string> missing = {};
  std::vector<std::string> stalled = {};
  std::vector<std::string> alien = {};
  bool poisons = false;
  TwinFault fault = TwinFault::kNone;
  int hold_ms = 20;
  bool logs = false;
};

// Changes what `settings` names, in order; empty, or what is wrong.
std::string ReadGuise(std::string_view settings, TwinGuise& guise);

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_TWIN_TWIN_GUISE_H_
