// Contest: slots of a backend against a bare libtorch loop, with one model, and
// the ways to wait against each other.
//
//   Contest contest(rigs, source, *bare, {.rows = 64});
//   for (const ContestResult& result : contest.Run(/*num_threads=*/8)) {
//     result.contender.name;  // "weir auto"
//     result.slices;          // in the order of the rounds
//   }
//
// All contenders run in turn in one process, in short slices: what drifts
// drifts for all of them, and the quotient of two slices of one round is worth
// more than any of both.
//
// Thread-safety: one thread.
// Ownership: borrows all that it is given.
// Failure: dies where a run fails, or where the contenders' answers differ.
#ifndef WEIR_TESTS_GPU_CONTEST_H_
#define WEIR_TESTS_GPU_CONTEST_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backend/model.h"
#include "config/config.h"
#include "tests/gpu/bare/bare_loop.h"
#include "tests/support/backend_rig.h"
#include "tests/support/slice.h"

namespace weir {

struct ContestOptions {
  int64_t rows = 1;
  Duration slice = std::chrono::milliseconds(300);
  int num_rounds = 5;
};

struct Contender {
  std::string name;
  bool is_weir = false;
  // How weir waits, and whether the device blocks or spins for both.
  Synchronize synchronize = Synchronize::kAuto;
  // The input is in host memory, as a message brings it, and copied into pinned
  // memory first; else it lies there.
  bool gathers = false;
};

struct ContestResult {
  Contender contender;
  std::vector<Slice> slices;
};

class Contest {
 public:
  // A rig for each way to wait, all of one device.
  using Rigs = std::map<Synchronize, std::unique_ptr<BackendRig>>;

  // `bare` has as many streams as each rig has slots.
  Contest(Rigs& rigs, const ModelSource& source, BareLoop& bare,
          const ContestOptions& options);
  ~Contest();
  Contest(const Contest&) = delete;
  Contest& operator=(const Contest&) = delete;

  // REQUIRES: no more threads than slots.
  std::vector<ContestResult> Run(int num_threads);

 private:
  using Inputs = std::vector<NamedTensor>;

  Slice RunOne(const Contender& contender, int num_threads);
  Slice RunWeir(const Contender& contender, int num_threads);
  Slice RunBare(const Contender& contender, int num_threads);
  // What a model answers lies in pinned memory.
  Inputs Pinned(BackendRig& rig) const;
  // Both answer the same to within rounding.
  void Compare(BackendRig& rig, Model& model);

  Rigs& rigs_;
  BareLoop& bare_;
  const ContestOptions options_;
  std::map<Synchronize, std::unique_ptr<Model>> models_;
  Inputs inputs_;
  std::map<Synchronize, Inputs> pinned_inputs_;
  std::vector<std::unique_ptr<BareRunner>> runners_;  // one for each stream
};

}  // namespace weir

#endif  // WEIR_TESTS_GPU_CONTEST_H_
