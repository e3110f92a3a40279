// TorchTest: a fixture with libtorch's backend on one device, for tests of what
// its models do.
//
//   TEST_F(TorchTest, AnswersADictionaryByItsKeys) {
//     const Loaded model = Load("dict_output");
//     EXPECT_THAT(Answer(*model, {X({1, 2, 3, 4})}), ElementsAre(...));
//   }
//
// Thread-safety: one thread; the pool's is its own.
// Ownership: the fixture owns backend, pool and models.
// Failure: dies where a test's preparation fails.
#ifndef WEIR_TESTS_TORCH_TORCH_RIG_H_
#define WEIR_TESTS_TORCH_TORCH_RIG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backend/backend.h"
#include "backend/slot_pool.h"
#include "gtest/gtest.h"
#include "sync/clock.h"
#include "tests/support/backend_rig.h"
#include "tests/support/tensors.h"
#include "tests/torch/torch_fixtures.h"

namespace weir {

class TorchTest : public testing::Test {
 public:
  ~TorchTest() override {
    for (std::unique_ptr<Model>& model : models_) rig_.Free(std::move(model));
  }

 protected:
  static constexpr int kNumSlots = 2;

  using MakeBackend = std::unique_ptr<Backend> (*)(Clock& clock);

  TorchTest()
      : TorchTest([](Clock& clock) { return TorchBackend(clock); }, "cpu") {}
  TorchTest(MakeBackend make, const std::string& device)
      : backend_(make(clock_)), rig_(*backend_, clock_, device, kNumSlots) {}
  // Freed with the fixture.
  Model& Load(const std::string& name) { return Load(TorchSource(name)); }
  Model& Load(const ModelSource& source) {
    models_.push_back(rig_.Load(source));
    return *models_.back();
  }
  // Why it cannot be read or loaded.
  absl::Status WhyNot(const ModelSource& source) {
    absl::StatusOr<std::unique_ptr<ModelFile>> file = backend_->Read(source);
    if (!file.ok()) return std::move(file).status();
    SlotLease lease = *rig_.pool().Acquire(-1, kNever);
    return backend_->Load(lease, **file).status();
  }
  absl::Status WhyNot(const std::string& name) {
    return WhyNot(TorchSource(name));
  }

  RunResult Run(Model& model, const std::vector<NamedTensor>& request) {
    return RunBatch(model, {request});
  }
  RunResult RunBatch(Model& model,
                     const std::vector<std::vector<NamedTensor>>& requests) {
    SlotLease lease = *rig_.pool().Acquire(-1, kNever);
    RunResult result = RunTogether(model, lease, requests);
    lease.Release(result.stats);
    return result;
  }

  RealClock clock_;
  std::unique_ptr<Backend> backend_;
  BackendRig rig_;
  std::vector<std::unique_ptr<Model>> models_;
};

// One request's input "x" of so many rows of four.
inline NamedTensor Rows(const std::string& name,
                        const std::vector<float>& values) {
  return {name,
          FloatTensor({static_cast<int64_t>(values.size()) / 4, 4}, values)};
}

// "name [shape] values" of each output.
inline std::vector<std::string> Said(const RunResult& result) {
  if (!result.outputs.ok()) return {result.outputs.status().ToString()};
  std::vector<std::string> said;
  for (const NamedTensor& output : *result.outputs) {
    std::string text = output.name + " [";
    for (const int64_t dimension : output.tensor.shape()) {
      text += std::to_string(dimension) + ",";
    }
    text += "]";
    for (const float value : Floats(output.tensor)) {
      text += " " + std::to_string(static_cast<int>(value));
    }
    said.push_back(text);
  }
  return said;
}

// An output or input of rows of four.
inline TensorConfig Declared(const std::string& name) {
  return {.name = name, .datatype = "FP32", .shape = {-1, 4}};
}

// The model with other names for its inputs.
inline ModelSource Renamed(const std::string& model,
                           const std::vector<std::string>& names) {
  ModelSource source = TorchSource(model);
  source.config.inputs.clear();
  for (const std::string& name : names) {
    source.config.inputs.push_back(Declared(name));
  }
  return source;
}

}  // namespace weir

#endif  // WEIR_TESTS_TORCH_TORCH_RIG_H_
