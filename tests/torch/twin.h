// Twin: the stream-device twin, dressed for one test, and libtorch's backend
// over it.
//
//   Twin twin("streams=wrap32,events=throws");
//   std::unique_ptr<Backend> backend = twin.MakeBackend(clock);
//   backend->Probe("twin:0", 64);   // 32 slots and a warning
//
// Thread-safety: as the twin's control.
// Ownership: the twin is one for the process; the destructor puts it back.
// Failure: dies of a setting that the twin does not know.
#ifndef WEIR_TESTS_TORCH_TWIN_H_
#define WEIR_TESTS_TORCH_TWIN_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "backend/backend.h"
#include "sync/clock.h"
#include "tests/support/twin/twin_control.h"

namespace weir {

inline constexpr char kTwinDevice[] = "twin:0";

class Twin {
 public:
  explicit Twin(const std::string& settings = "");
  ~Twin();
  Twin(const Twin&) = delete;
  Twin& operator=(const Twin&) = delete;

  static const WeirTwinControl& Control();
  static std::unique_ptr<Backend> MakeBackend(Clock& clock) {
    return MakeBackend(clock, BackendConfig());
  }
  static std::unique_ptr<Backend> MakeBackend(Clock& clock,
                                              const BackendConfig& config);

  void Configure(const std::string& settings);
  static WeirTwinStatus Status();

  // The names of the operators and calls for a stream since the last time.
  static std::vector<std::string> TakeNames();
  // The streams of the operators that ran since the last time, views left out.
  std::vector<int64_t> TakeStreams();
};

}  // namespace weir

#endif  // WEIR_TESTS_TORCH_TWIN_H_
