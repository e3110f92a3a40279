// FakeScript: what a scripted model does. Each field is one thing that a real
// model or device does to a server, good or bad; the default does none of them
// and answers with its inputs.
//
//   backend.Script("adder", {.compute = FakeCompute::kAffine, .offset = 1});
//   backend.Script("flaky", {.fails = {.every = 3}});
//   backend.Script("wedged", {.gate = "stuck", .waits = {.at = 2}});
//
// In a model.yaml the same fields are texts under backend_options, where a
// FakeWhen such as `fails` is two names:
//
//   backend_options: {compute: affine, offset: "1", fails_every: "3"}
//
// Thread-safety: plain values.
// Ownership: owns all it holds; a gate is named, the backend owns it.
// Failure: ParseFakeScript refuses unknown names and values, naming them.
#ifndef WEIR_BACKEND_FAKE_FAKE_SCRIPT_H_
#define WEIR_BACKEND_FAKE_FAKE_SCRIPT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/fake/fake_log.h"
#include "backend/slot.h"
#include "sync/clock.h"

namespace weir {

// Which of a model's runs (or loads), counted from 1. Default: none.
struct FakeWhen {
  int64_t at = 0;     // that one
  int64_t every = 0;  // each of its multiples

  bool Is(int64_t count) const {
    return (at > 0 && count == at) || (every > 0 && count % every == 0);
  }
};

// Output k is made of input k, or of the last input where there are fewer.
enum class FakeCompute {
  kIdentity,  // any datatype
  kAffine,    // scale * x + offset; FP32 and INT64
  kRowSum,    // [rows, 1], each row's sum; FP32 and INT64
};

enum class FakeException {
  kStandard,  // std::runtime_error, whose text holds a path
  kForeign,   // a class of its own, as c10::Error was
  kInteger,   // throw 42
};

enum class FakeMisshape { kRowMissing, kExtraOutput };

// What becomes of a run that is not alone on its device.
enum class FakeOverlap {
  kNothing,
  kCorrupts,  // a wrong value, as `corrupts`
  kHangs,     // for ever
  kAborts,    // the process ends, with a line on standard error
};

struct FakeScript {
  FakeCompute compute = FakeCompute::kIdentity;
  double scale = 1;
  double offset = 0;
  // An identity of a request that runs alone answers with its input itself.
  bool alias = false;

  // A run takes delay + rows * delay_per_row of the backend's clock.
  Duration delay{0};
  Duration delay_per_row{0};

  // The gate in which the runs that `waits` names wait; empty: none waits.
  std::string gate = {};
  FakeWhen waits = {.every = 1};
  // A waiting run ends with CANCELLED once RunContext::stop is set; without
  // this it ignores it, as a wedged kernel does.
  bool heeds_stop = false;

  // These runs fail with fail_code.
  FakeWhen fails = {};
  absl::StatusCode fail_code = absl::StatusCode::kInternal;
  // A run with this value among its FP32 or INT64 inputs fails with fail_code.
  std::optional<double> poison = {};

  // These runs throw at throw_stage: kAlloc to kDeviceToHost.
  FakeWhen throws = {};
  FakeStage throw_stage = FakeStage::kRun;
  FakeException throw_kind = FakeException::kStandard;

  // These runs answer with a wrong value: a byte of output 0 is flipped.
  FakeWhen corrupts = {};
  // These runs answer with outputs of a wrong shape or number.
  FakeWhen misshapes = {};
  FakeMisshape misshape = FakeMisshape::kRowMissing;

  // What a run does while at least overlap_runs are on its device, itself
  // counted: a library that cannot bear them.
  FakeOverlap overlap = FakeOverlap::kNothing;
  int overlap_runs = 2;

  // These runs break the slot or the device: they fail with INTERNAL and report
  // the fault, and so does every later run there until Revive.
  FakeWhen faults = {};
  Fault fault = Fault::kSlot;

  // These runs return with work in their slot's queue: a broken backend, whose
  // next user dies of it.
  FakeWhen leaves_work = {};

  // Loading, counted over all loads of the model's name.
  FakeWhen load_fails = {};   // INTERNAL
  FakeWhen load_throws = {};  // inside; Load answers INTERNAL
  std::string load_gate = {};
  Duration load_delay{0};

  // The model's own bound on runs at once; 0 is none.
  int runs_max = 0;
};

absl::StatusOr<FakeScript> ParseFakeScript(
    const std::map<std::string, std::string>& options);

}  // namespace weir

#endif  // WEIR_BACKEND_FAKE_FAKE_SCRIPT_H_
