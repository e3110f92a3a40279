// The arithmetic of the fake backend: gathering the requests of a batch into
// dense tensors, and computing real answers from them, so that a mix-up of
// requests shows in the values.
//
//   absl::StatusOr<std::vector<Tensor>> gathered =
//       GatherFakeInputs(signature, inputs);
//   absl::StatusOr<Tensor> y = ComputeFakeOutput(script, gathered->front());
//
// Thread-safety: pure functions.
// Ownership: results own their memory.
// Failure: INVALID_ARGUMENT for inputs that the model cannot take.
#ifndef WEIR_BACKEND_FAKE_FAKE_COMPUTE_H_
#define WEIR_BACKEND_FAKE_FAKE_COMPUTE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "backend/fake/fake_script.h"
#include "backend/model.h"
#include "backend/tensor.h"

namespace weir {

// One dense tensor for each input, the requests' rows in their order. REQUIRES:
// CheckBatchInputs is OK.
absl::StatusOr<std::vector<Tensor>> GatherFakeInputs(const BatchInputs& inputs);

absl::StatusOr<Tensor> ComputeFakeOutput(const FakeScript& script,
                                         const Tensor& input);

// Whether an FP32 or INT64 tensor holds `value`.
bool HoldsValue(const Tensor& tensor, double value);

// The tensor with its first byte flipped; an empty one as it is.
Tensor CorruptFakeOutput(const Tensor& tensor);

}  // namespace weir

#endif  // WEIR_BACKEND_FAKE_FAKE_COMPUTE_H_
