// The fake module's devices, out of a text: the variable LIBWEIR_FAKE.
//
//   LIBWEIR_FAKE=num_streams=31,probe_end=blocks
//
//   num_streams    0 to 1024; distinct streams of each device
//   probe_end      repeats, throws, blocks, aborts: FakeProbeEnd
//   slots_default  1 to 1024
//
// All devices get the same. The name does not begin with WEIR_, for those
// variables are the configuration's own.
//
// Thread-safety: pure.
// Ownership: values.
// Failure: INVALID_ARGUMENT, which names the wrong part.
#ifndef WEIR_BACKEND_FAKE_FAKE_OPTIONS_H_
#define WEIR_BACKEND_FAKE_FAKE_OPTIONS_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "backend/fake/fake_backend.h"

namespace weir {

inline constexpr char kFakeOptionsVariable[] = "LIBWEIR_FAKE";

absl::StatusOr<FakeBackend::Options> ParseFakeOptions(std::string_view text);

}  // namespace weir

#endif  // WEIR_BACKEND_FAKE_FAKE_OPTIONS_H_
