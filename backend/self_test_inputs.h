// The inputs that a self-test runs a model on: made from its signature, the
// same for the same seed on every machine.
//
//   for (int64_t rows : SelfTestRows(source.config)) {
//     absl::StatusOr<std::vector<NamedTensor>> inputs =
//         MakeSelfTestInputs(model.signature(), rows, seed);
//
// Floating-point values lie between -1 and 1. Integers lie within what the
// signature declares, else between 0 and 9. A dimension 0 that varies is
// `rows`, any other one is kSelfTestLength.
//
// Thread-safety: pure functions.
// Ownership: tensors own their memory.
// Failure: INVALID_ARGUMENT: there are no such inputs, and why.
#ifndef WEIR_BACKEND_SELF_TEST_INPUTS_H_
#define WEIR_BACKEND_SELF_TEST_INPUTS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "backend/model.h"
#include "backend/tensor.h"
#include "config/config.h"
#include "config/model_config.h"

namespace weir {

inline constexpr int64_t kSelfTestLength = 16;
// Of one model's inputs for one run.
inline constexpr int64_t kSelfTestInputBytesMax = 256 * kMebibyte;

// The numbers of rows to run: those of `warm_up`, or 1.
std::vector<int64_t> SelfTestRows(const ModelConfig& config);

absl::StatusOr<std::vector<NamedTensor>> MakeSelfTestInputs(
    const ModelSignature& signature, int64_t rows, uint64_t seed);

}  // namespace weir

#endif  // WEIR_BACKEND_SELF_TEST_INPUTS_H_
