// Contest: slots of a backend against a bare libtorch loop, with one model and
// one number of threads.
//
//   Contest contest(rig, *model, *bare, {.rows = 64});
//   const ContestResult result = contest.Run(/*num_threads=*/8);
//   result.weir.runs_per_second / result.bare.runs_per_second;
//
// The contenders run in turn, in short slices, and each figure is the median of
// its slices: what drifts drifts for all of them.
//
// Thread-safety: one thread.
// Ownership: borrows all that it is given.
// Failure: dies where a run fails, or where the contenders' answers differ.
#ifndef WEIR_TESTS_GPU_CONTEST_H_
#define WEIR_TESTS_GPU_CONTEST_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "backend/model.h"
#include "tests/gpu/bare/bare_loop.h"
#include "tests/support/backend_rig.h"
#include "tests/support/slice.h"

namespace weir {

struct ContestOptions {
  int64_t rows = 1;
  Duration slice = std::chrono::milliseconds(300);
  int num_rounds = 5;
};

struct ContestResult {
  // Pinned memory to pinned memory.
  Slice weir;
  Slice bare;
  // The input is in host memory, as a message brings it, and copied into pinned
  // memory first.
  Slice weir_gather;
  Slice bare_gather;
  // Medians of the quotients of neighbouring slices.
  double ratio = 0;
  double ratio_gather = 0;
};

class Contest {
 public:
  // `bare` has as many streams as `rig` has slots.
  Contest(BackendRig& rig, Model& model, BareLoop& bare,
          const ContestOptions& options);

  // REQUIRES: no more threads than slots.
  ContestResult Run(int num_threads);

 private:
  Slice RunWeir(int num_threads, const std::vector<NamedTensor>& tensors);
  Slice RunBare(int num_threads, bool gathers);
  // Both answer the same to within rounding.
  void Compare();

  BackendRig& rig_;
  Model& model_;
  const ContestOptions options_;
  std::vector<NamedTensor> inputs_;
  std::vector<NamedTensor> pinned_inputs_;
  std::vector<std::unique_ptr<BareRunner>> runners_;  // one for each stream
};

}  // namespace weir

#endif  // WEIR_TESTS_GPU_CONTEST_H_
