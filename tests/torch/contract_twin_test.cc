// The contract of every backend, kept by libtorch on a device with streams, in
// each guise that such a device is known in.
#include <memory>
#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "tests/backend/contract.h"
#include "tests/torch/torch_subjects.h"
#include "tests/torch/twin.h"

namespace weir {
namespace {

struct TwinSubject : ContractSubject {
  explicit TwinSubject(const std::string& settings) : twin(settings) {}
  Twin twin;
};

std::unique_ptr<ContractSubject> Make(const std::string& settings,
                                      std::optional<int> num_streams) {
  auto subject = std::make_unique<TwinSubject>(settings);
  subject->clock = std::make_unique<RealClock>();
  subject->backend = Twin::MakeBackend(*subject->clock);
  subject->device = kTwinDevice;
  subject->num_streams = num_streams;
  AddTorchModels(*subject);
  return subject;
}

std::unique_ptr<ContractSubject> MakeOne() { return Make("streams=one", 1); }
std::unique_ptr<ContractSubject> MakeWrap() {
  return Make("streams=wrap32", 32);
}
std::unique_ptr<ContractSubject> MakeThrow() {
  return Make("streams=throw31", 31);
}
// The 32nd would never come, so nobody asks for it in this process.
std::unique_ptr<ContractSubject> MakeBlock() {
  return Make("streams=block31", std::nullopt);
}
std::unique_ptr<ContractSubject> MakeSyncStream() {
  return Make("streams=wrap32,sync_stream=works", 32);
}
std::unique_ptr<ContractSubject> MakeSyncDevice() {
  return Make("streams=wrap32,events=throws", 1);
}
std::unique_ptr<ContractSubject> MakeUnpinned() {
  return Make("streams=wrap32,pinned=off", 32);
}

INSTANTIATE_TEST_SUITE_P(
    Twin, ContractTest,
    testing::Values(ContractParameter{"OneStream", &MakeOne},
                    ContractParameter{"Wraps", &MakeWrap},
                    ContractParameter{"Throws", &MakeThrow},
                    ContractParameter{"Blocks", &MakeBlock},
                    ContractParameter{"SynchronizesStreams", &MakeSyncStream},
                    ContractParameter{"SynchronizesDevice", &MakeSyncDevice},
                    ContractParameter{"PinsNothing", &MakeUnpinned}),
    ContractName);

}  // namespace
}  // namespace weir
