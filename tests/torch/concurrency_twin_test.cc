// Many threads on the slots of a device with streams, in each guise that such a
// device is known in.
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/torch/concurrency.h"
#include "tests/torch/hostile_ids.h"
#include "tests/torch/torch_subjects.h"
#include "tests/torch/twin.h"

namespace weir {
namespace {

template <typename Subject>
struct OnTwin : Subject {
  explicit OnTwin(const std::string& settings) : twin(settings) {
    this->clock = std::make_unique<RealClock>();
    this->backend = Twin::MakeBackend(*this->clock);
    this->device = kTwinDevice;
    AddTorchModels(*this);
  }
  ~OnTwin() override { this->backend.reset(); }
  Twin twin;
};

using Concurrent = OnTwin<ConcurrencySubject>;

std::unique_ptr<ConcurrencySubject> MakeOne() {
  return std::make_unique<Concurrent>("streams=one");
}
std::unique_ptr<ConcurrencySubject> MakeWrap() {
  return std::make_unique<Concurrent>("streams=wrap32");
}
std::unique_ptr<ConcurrencySubject> MakeThrow() {
  return std::make_unique<Concurrent>("streams=throw31");
}
std::unique_ptr<ConcurrencySubject> MakeBlock() {
  return std::make_unique<Concurrent>("streams=block31");
}
std::unique_ptr<ConcurrencySubject> MakeSyncStream() {
  return std::make_unique<Concurrent>("streams=wrap32,sync_stream=works");
}

// What a device that bears one run alone does to a second one, on the one slot
// that the self-test leaves it: all workers share that, so nothing may befall
// them. Nothing is held to meet a second run, for that would wait each time.
std::unique_ptr<ConcurrencySubject> MakeFallenBack(const std::string& fault) {
  auto subject =
      std::make_unique<Concurrent>("streams=wrap32,hold_ms=0,fault=" + fault);
  subject->slots = 1;
  return subject;
}
std::unique_ptr<ConcurrencySubject> MakeCorrupts() {
  return MakeFallenBack("corrupt");
}
std::unique_ptr<ConcurrencySubject> MakeHangs() {
  return MakeFallenBack("hang");
}
std::unique_ptr<ConcurrencySubject> MakeAborts() {
  return MakeFallenBack("abort");
}

// An id that reached the table would make all later operators fail.
std::unique_ptr<HostileSubject> MakeHostile() {
  return std::make_unique<OnTwin<HostileSubject>>("streams=wrap32,poison=on");
}

INSTANTIATE_TEST_SUITE_P(
    Twin, ConcurrencyTest,
    testing::Values(ConcurrencyParameter{"OneStream", &MakeOne},
                    ConcurrencyParameter{"Wraps", &MakeWrap},
                    ConcurrencyParameter{"Throws", &MakeThrow},
                    ConcurrencyParameter{"Blocks", &MakeBlock},
                    ConcurrencyParameter{"SynchronizesStreams",
                                         &MakeSyncStream},
                    ConcurrencyParameter{"CorruptsTwo", &MakeCorrupts},
                    ConcurrencyParameter{"HangsTwo", &MakeHangs},
                    ConcurrencyParameter{"AbortsTwo", &MakeAborts}),
    ConcurrencyName);
INSTANTIATE_TEST_SUITE_P(Twin, HostileIdsTest,
                         testing::Values(HostileParameter{"Torch",
                                                          &MakeHostile}),
                         HostileName);

}  // namespace
}  // namespace weir
