// Every suite that a backend must pass, on libtorch and one device:
//
//   device_suites --device cuda:0
#include <memory>
#include <optional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/gpu/arguments.h"
#include "tests/torch/device_under_test.h"
#include "tests/torch/torch_subjects.h"

namespace weir {
namespace {

// Of CUDA's, that libtorch hands out.
constexpr int kNumStreams = 32;

std::unique_ptr<ContractSubject> MakeContract() {
  return TorchContractSubject(
      DeviceUnderTest(),
      IsCpuUnderTest() ? std::nullopt : std::optional<int>(kNumStreams));
}
std::unique_ptr<ConcurrencySubject> MakeConcurrency() {
  return TorchConcurrencySubject(DeviceUnderTest());
}
std::unique_ptr<HostileSubject> MakeHostile() {
  return TorchHostileSubject(DeviceUnderTest());
}

INSTANTIATE_TEST_SUITE_P(Device, ContractTest,
                         testing::Values(ContractParameter{"Torch",
                                                           &MakeContract}),
                         ContractName);
INSTANTIATE_TEST_SUITE_P(Device, ConcurrencyTest,
                         testing::Values(ConcurrencyParameter{
                             "Torch", &MakeConcurrency}),
                         ConcurrencyName);
INSTANTIATE_TEST_SUITE_P(Device, HostileIdsTest,
                         testing::Values(HostileParameter{"Torch",
                                                          &MakeHostile}),
                         HostileName);

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  weir::DeviceUnderTest() =
      weir::Arguments(argc, argv).Text("device", "cuda:0");
  return RUN_ALL_TESTS();
}
