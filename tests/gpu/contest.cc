#include "tests/gpu/contest.h"

#include <cmath>
#include <cstddef>
#include <utility>

#include "tests/support/made_inputs.h"
#include "tests/support/tensors.h"
#include "tests/torch/torch_fixtures.h"

namespace weir {
namespace {

Slice MedianOf(const std::vector<Slice>& slices) {
  std::vector<double> runs;
  std::vector<double> cpu;
  for (const Slice& slice : slices) {
    runs.push_back(slice.runs_per_second);
    cpu.push_back(slice.cpu_seconds_per_run);
  }
  return {Median(std::move(runs)), Median(std::move(cpu))};
}

double MedianRatio(const std::vector<Slice>& above,
                   const std::vector<Slice>& below) {
  std::vector<double> ratios;
  for (size_t i = 0; i < above.size(); ++i) {
    ratios.push_back(above[i].runs_per_second / below[i].runs_per_second);
  }
  return Median(std::move(ratios));
}

}  // namespace

Contest::Contest(BackendRig& rig, Model& model, BareLoop& bare,
                 const ContestOptions& options)
    : rig_(rig),
      model_(model),
      options_(options),
      inputs_(MadeInputs(model.signature(), options.rows, /*seed=*/1)) {
  const Tensor& input = inputs_.at(0).tensor;
  const std::vector<int64_t> shape(input.shape().begin(), input.shape().end());
  for (int stream = 0; stream < rig.pool().num_slots(); ++stream) {
    runners_.push_back(bare.MakeRunner(stream, shape, Floats(input)));
  }
  // What a model answers lies in pinned memory.
  std::unique_ptr<Model> identity = rig.Load(TorchSource("identity"));
  {
    SlotLease lease = OrDie(rig.pool().Acquire(-1, kNever));
    Outputs outputs = OrDie(RunTogether(*identity, lease, {inputs_}).outputs);
    pinned_inputs_ = {{inputs_[0].name, std::move(outputs.at(0).tensor)}};
  }
  rig.Free(std::move(identity));
  Compare();
}

ContestResult Contest::Run(int num_threads) {
  std::vector<Slice> weir;
  std::vector<Slice> bare;
  std::vector<Slice> weir_gather;
  std::vector<Slice> bare_gather;
  for (int round = 0; round < options_.num_rounds; ++round) {
    weir.push_back(RunWeir(num_threads, pinned_inputs_));
    bare.push_back(RunBare(num_threads, /*gathers=*/false));
    weir_gather.push_back(RunWeir(num_threads, inputs_));
    bare_gather.push_back(RunBare(num_threads, /*gathers=*/true));
  }
  return {MedianOf(weir),          MedianOf(bare),
          MedianOf(weir_gather),   MedianOf(bare_gather),
          MedianRatio(weir, bare), MedianRatio(weir_gather, bare_gather)};
}

Slice Contest::RunWeir(int num_threads,
                       const std::vector<NamedTensor>& tensors) {
  return RunSlice(num_threads, options_.slice, [&](int self) {
    return [this, self, &tensors] {
      SlotLease lease = OrDie(rig_.pool().Acquire(self, kNever));
      BatchInputs inputs{{tensors}, options_.rows};
      const RunResult result = model_.Run(lease, inputs, RunContext{});
      lease.Release(result.stats);
      WEIR_CHECK(result.outputs.ok(), "a model that is measured answers");
    };
  });
}

Slice Contest::RunBare(int num_threads, bool gathers) {
  return RunSlice(num_threads, options_.slice, [this, gathers](int self) {
    BareRunner& runner = *runners_[static_cast<size_t>(self)];
    return [&runner, gathers] { runner.Run(gathers); };
  });
}

void Contest::Compare() {
  SlotLease lease = OrDie(rig_.pool().Acquire(-1, kNever));
  const Outputs outputs = OrDie(RunTogether(model_, lease, {inputs_}).outputs);
  const std::vector<float> ours = Floats(outputs.at(0).tensor);
  runners_[0]->Run(/*gathers=*/true);
  const std::vector<float> theirs = runners_[0]->Output();
  WEIR_CHECK(ours.size() == theirs.size(), "both answer the same");
  for (size_t i = 0; i < ours.size(); ++i) {
    WEIR_CHECK(std::abs(ours[i] - theirs[i]) <= 1e-4 + 1e-4 * std::abs(ours[i]),
               "both answer the same");
  }
}

}  // namespace weir
