#include "tests/gpu/contest.h"

#include <cmath>
#include <cstddef>
#include <utility>

#include "tests/support/made_inputs.h"
#include "tests/support/tensors.h"
#include "tests/torch/torch_fixtures.h"

namespace weir {
namespace {

std::vector<Contender> Contenders() {
  return {
      {"weir auto", true, Synchronize::kAuto, false},
      {"weir spin", true, Synchronize::kSpin, false},
      {"bare spin", false, Synchronize::kSpin, false},
      {"weir block", true, Synchronize::kBlock, false},
      {"bare block", false, Synchronize::kBlock, false},
      {"weir block, gathers", true, Synchronize::kBlock, true},
      {"bare block, gathers", false, Synchronize::kBlock, true},
  };
}

}  // namespace

Contest::Contest(Rigs& rigs, const ModelSource& source, BareLoop& bare,
                 const ContestOptions& options)
    : rigs_(rigs), bare_(bare), options_(options) {
  for (auto& [synchronize, rig] : rigs) {
    models_[synchronize] = rig->Load(source);
  }
  const ModelSignature& signature = models_.begin()->second->signature();
  inputs_ = MadeInputs(signature, options.rows, /*seed=*/1);
  const Tensor& input = inputs_.at(0).tensor;
  const std::vector<int64_t> shape(input.shape().begin(), input.shape().end());
  const int num_streams = rigs.begin()->second->pool().num_slots();
  for (int stream = 0; stream < num_streams; ++stream) {
    runners_.push_back(bare.MakeRunner(stream, shape, Floats(input)));
  }
  for (auto& [synchronize, rig] : rigs) {
    pinned_inputs_[synchronize] = Pinned(*rig);
    Compare(*rig, *models_[synchronize]);
  }
}

Contest::~Contest() {
  for (auto& [synchronize, model] : models_) {
    rigs_.at(synchronize)->Free(std::move(model));
  }
}

Contest::Inputs Contest::Pinned(BackendRig& rig) const {
  std::unique_ptr<Model> identity = rig.Load(TorchSource("identity"));
  Inputs pinned;
  {
    SlotLease lease = OrDie(rig.pool().Acquire(-1, kNever));
    Outputs outputs = OrDie(RunTogether(*identity, lease, {inputs_}).outputs);
    pinned = {{inputs_[0].name, std::move(outputs.at(0).tensor)}};
  }
  rig.Free(std::move(identity));
  return pinned;
}

std::vector<ContestResult> Contest::Run(int num_threads) {
  std::vector<ContestResult> results;
  for (const Contender& contender : Contenders()) {
    results.push_back({contender, {}});
  }
  for (int round = 0; round < options_.num_rounds; ++round) {
    for (ContestResult& result : results) {
      result.slices.push_back(RunOne(result.contender, num_threads));
    }
  }
  return results;
}

Slice Contest::RunOne(const Contender& contender, int num_threads) {
  bare_.LetDeviceBlock(contender.synchronize != Synchronize::kSpin);
  return contender.is_weir ? RunWeir(contender, num_threads)
                           : RunBare(contender, num_threads);
}

Slice Contest::RunWeir(const Contender& contender, int num_threads) {
  SlotPool& pool = rigs_.at(contender.synchronize)->pool();
  Model& model = *models_.at(contender.synchronize);
  const Inputs& inputs =
      contender.gathers ? inputs_ : pinned_inputs_.at(contender.synchronize);
  return RunSlice(num_threads, options_.slice, [&](int self) {
    return [this, self, &pool, &model, &inputs] {
      SlotLease lease = OrDie(pool.Acquire(self, kNever));
      BatchInputs batch{{inputs}, options_.rows};
      const RunResult result = model.Run(lease, batch, RunContext{});
      lease.Release(result.stats);
      WEIR_CHECK(result.outputs.ok(), "a model that is measured answers");
    };
  });
}

Slice Contest::RunBare(const Contender& contender, int num_threads) {
  const bool gathers = contender.gathers;
  return RunSlice(num_threads, options_.slice, [this, gathers](int self) {
    BareRunner& runner = *runners_[static_cast<size_t>(self)];
    return [&runner, gathers] { runner.Run(gathers); };
  });
}

void Contest::Compare(BackendRig& rig, Model& model) {
  SlotLease lease = OrDie(rig.pool().Acquire(-1, kNever));
  const Outputs outputs = OrDie(RunTogether(model, lease, {inputs_}).outputs);
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
