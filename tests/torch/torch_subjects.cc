#include "tests/torch/torch_subjects.h"

#include "tests/torch/torch_fixtures.h"

namespace weir {
namespace {

template <typename Subject>
std::unique_ptr<Subject> MakeSubject(const std::string& device) {
  auto subject = std::make_unique<Subject>();
  subject->clock = std::make_unique<RealClock>();
  subject->backend = TorchBackend(*subject->clock);
  subject->device = device;
  AddTorchModels(*subject);
  return subject;
}

}  // namespace

void AddTorchModels(ContractSubject& subject) {
  subject.affine = TorchSource("affine");
  subject.picky = TorchSource("picky");
  for (const char* name :
       {"flaky_internal", "flaky_value", "flaky_shape", "flaky_index",
        "flaky_list", "flaky_linear_algebra"}) {
    subject.flaky.push_back(TorchSource(name));
  }
  subject.broken = TorchSource("broken");
}

void AddTorchModels(ConcurrencySubject& subject) {
  for (const char* name :
       {"mlp", "transformer", "convolution", "lstm", "embedding"}) {
    subject.models.push_back(TorchSource(name));
  }
}

void AddTorchModels(HostileSubject& subject) {
  subject.tables = {{TorchSource("sticky"), {0, 999}},
                    {TorchSource("embedding_reshaped"), {0, 999}},
                    {TorchSource("two_tables"), {0, 299}}};
}

std::unique_ptr<ContractSubject> TorchContractSubject(
    const std::string& device, std::optional<int> num_streams) {
  auto subject = MakeSubject<ContractSubject>(device);
  subject->num_streams = num_streams;
  return subject;
}

std::unique_ptr<ConcurrencySubject> TorchConcurrencySubject(
    const std::string& device) {
  return MakeSubject<ConcurrencySubject>(device);
}

std::unique_ptr<HostileSubject> TorchHostileSubject(const std::string& device) {
  return MakeSubject<HostileSubject>(device);
}

}  // namespace weir
