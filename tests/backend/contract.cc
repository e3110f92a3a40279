#include "tests/backend/contract.h"

#include "tests/support/tensors.h"

namespace weir {

absl::StatusOr<std::unique_ptr<Model>> ContractTest::TryLoad(
    const ModelSource& source) {
  absl::StatusOr<std::unique_ptr<ModelFile>> file = backend().Read(source);
  if (!file.ok()) return std::move(file).status();
  SlotLease lease = Lease();
  return backend().Load(lease, **file);
}

RunResult ContractTest::Run(Model& model, SlotLease& lease,
                            const std::vector<Tensor>& requests) {
  std::vector<NamedTensor> named;
  BatchInputs inputs;
  for (const Tensor& tensor : requests) named.push_back({"x", tensor});
  for (const NamedTensor& tensor : named) {
    inputs.requests.emplace_back(&tensor, 1);
    inputs.rows += tensor.tensor.rows();
  }
  return model.Run(lease, inputs, RunContext{});
}

Tensor ContractInput(int64_t rows, int seed) {
  std::vector<float> values(static_cast<size_t>(4 * rows));
  float next = static_cast<float>(1000 * (seed + 1));
  for (float& value : values) value = next++;
  return FloatTensor({rows, 4}, values);
}

std::vector<float> ContractAnswer(const Tensor& input) {
  std::vector<float> values = Floats(input);
  for (float& value : values) value = 2 * value + 1;
  return values;
}

std::vector<float> ContractOutput(const RunResult& result) {
  if (!result.outputs.ok() || result.outputs->size() != 1) return {};
  const NamedTensor& output = (*result.outputs)[0];
  return output.name == "y" ? Floats(output.tensor) : std::vector<float>();
}

}  // namespace weir
