// The contract of every backend, kept by libtorch on the CPU.
#include <memory>
#include <optional>

#include "gtest/gtest.h"
#include "tests/torch/torch_subjects.h"

namespace weir {
namespace {

// Slots of the CPU are permits.
std::unique_ptr<ContractSubject> MakeCpu() {
  return TorchContractSubject("cpu", std::nullopt);
}

INSTANTIATE_TEST_SUITE_P(Cpu, ContractTest,
                         testing::Values(ContractParameter{"Torch", &MakeCpu}),
                         ContractName);

}  // namespace
}  // namespace weir
