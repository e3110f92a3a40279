// The suites of many threads on the CPU's slots.
#include <memory>

#include "gtest/gtest.h"
#include "tests/torch/torch_subjects.h"

namespace weir {
namespace {

std::unique_ptr<ConcurrencySubject> MakeConcurrency() {
  return TorchConcurrencySubject("cpu");
}
std::unique_ptr<HostileSubject> MakeHostile() {
  return TorchHostileSubject("cpu");
}

INSTANTIATE_TEST_SUITE_P(Cpu, ConcurrencyTest,
                         testing::Values(ConcurrencyParameter{
                             "Torch", &MakeConcurrency}),
                         ConcurrencyName);
INSTANTIATE_TEST_SUITE_P(Cpu, HostileIdsTest,
                         testing::Values(HostileParameter{"Torch",
                                                          &MakeHostile}),
                         HostileName);

}  // namespace
}  // namespace weir
