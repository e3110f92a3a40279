// The contract that every backend keeps, as a GoogleTest suite: a backend's
// test program links weir_backend_contract and names its subjects.
//
//   std::unique_ptr<ContractSubject> MakeFake();
//   INSTANTIATE_TEST_SUITE_P(Fake, ContractTest,
//                            testing::Values(ContractParameter{"fake",
//                            MakeFake}), ContractName);
//
// Thread-safety: as the tests need.
// Ownership: a subject owns its backend and clock; a test owns its subject.
// Failure: a test fails; one that a subject has no part for is skipped.
#ifndef WEIR_TESTS_BACKEND_CONTRACT_H_
#define WEIR_TESTS_BACKEND_CONTRACT_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend/backend.h"
#include "backend/slot_pool.h"
#include "gtest/gtest.h"
#include "sync/clock.h"

namespace weir {

// The value that ContractSubject::picky cannot bear.
inline constexpr float kContractPoison = 666;

struct ContractSubject {
  virtual ~ContractSubject() = default;

  std::unique_ptr<Clock> clock = {};
  std::unique_ptr<Backend> backend = {};
  std::string device = {};
  // The streams that the device has; nothing where slots are mere permits.
  std::optional<int> num_streams = {};

  // y = 2 * x + 1, from "x" FP32 [-1, 4] to "y" of the same type and shape.
  ModelSource affine = {};
  // The same, but a run with kContractPoison among its values fails.
  ModelSource picky = {};
  // The same, but each second run fails: one source for each way to fail.
  std::vector<ModelSource> flaky = {};
  // Cannot be read or loaded.
  ModelSource broken = {};
};

struct ContractParameter {
  std::string name;
  std::unique_ptr<ContractSubject> (*make)();
};

inline std::string ContractName(
    const testing::TestParamInfo<ContractParameter>& info) {
  return info.param.name;
}

// The inputs and outputs of the models of a subject.
inline ModelConfig ContractModelConfig() {
  ModelConfig config;
  config.inputs = {{.name = "x", .datatype = "FP32", .shape = {-1, 4}}};
  config.outputs = {{.name = "y", .datatype = "FP32", .shape = {-1, 4}}};
  config.batch = BatchConfig{.rows_max = 64};
  return config;
}

class ContractTest : public testing::TestWithParam<ContractParameter> {
 protected:
  static constexpr int kNumSlots = 4;

  void SetUp() override {
    subject_ = GetParam().make();
    absl::StatusOr<Probed> probed =
        subject_->backend->Probe(subject_->device, kNumSlots);
    ASSERT_TRUE(probed.ok()) << probed.status();
    pool_ = std::make_unique<SlotPool>(
        subject_->device, std::move(probed->slots), *subject_->clock, nullptr);
  }

  Backend& backend() { return *subject_->backend; }
  SlotLease Lease() { return *pool_->Acquire(-1, kNever); }
  DeviceMemory Memory() { return backend().Memory(subject_->device); }

  absl::StatusOr<std::unique_ptr<Model>> TryLoad(const ModelSource& source);
  std::unique_ptr<Model> Load(const ModelSource& source) {
    return *TryLoad(source);
  }
  void Free(std::unique_ptr<Model> model) {
    SlotLease lease = Lease();
    model->Free(lease);
  }
  // Runs requests of one tensor "x" each.
  RunResult Run(Model& model, SlotLease& lease,
                const std::vector<Tensor>& requests);
  RunResult Run(Model& model, const std::vector<Tensor>& requests) {
    SlotLease lease = Lease();
    return Run(model, lease, requests);
  }

  std::unique_ptr<ContractSubject> subject_;
  std::unique_ptr<SlotPool> pool_;
};

// [rows, 4], all different, and different for each `seed`.
Tensor ContractInput(int64_t rows, int seed);
// What the models of a subject answer to it.
std::vector<float> ContractAnswer(const Tensor& input);
// The values of the output "y", or nothing where the run failed.
std::vector<float> ContractOutput(const RunResult& result);

}  // namespace weir

#endif  // WEIR_TESTS_BACKEND_CONTRACT_H_
