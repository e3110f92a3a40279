// The fake backend under the contract, built in and as a module.
#include <memory>
#include <string>
#include <utility>

#include "backend/fake/fake_backend.h"
#include "backend/module.h"
#include "gtest/gtest.h"
#include "tests/backend/contract.h"

namespace weir {
namespace {

ModelSource SourceOf(const std::string& name,
                     std::map<std::string, std::string> options) {
  ModelSource source{.name = name};
  source.config = ContractModelConfig();
  options.insert({{"compute", "affine"}, {"scale", "2"}, {"offset", "1"}});
  source.config.backend_options = std::move(options);
  return source;
}

void AddSources(ContractSubject& subject) {
  subject.device = "fake:1";
  subject.num_streams = 32;
  subject.affine = SourceOf("affine", {});
  subject.picky = SourceOf("picky", {{"poison", "666"}});
  subject.broken = SourceOf("broken", {{"load_fails_at", "1"}});
  for (const char* code : {"internal", "invalid_argument"}) {
    subject.flaky.push_back(
        SourceOf(code, {{"fails_every", "2"}, {"fail_code", code}}));
  }
  for (const char* stage : {"alloc", "h2d", "run", "sync", "d2h"}) {
    for (const char* kind : {"standard", "foreign", "integer"}) {
      subject.flaky.push_back(
          SourceOf(std::string(kind) + " at " + stage, {{"throws_every", "2"},
                                                        {"throw_stage", stage},
                                                        {"throw_kind", kind}}));
    }
  }
}

std::unique_ptr<ContractSubject> MakeBuiltIn() {
  auto subject = std::make_unique<ContractSubject>();
  subject->clock = std::make_unique<RealClock>();
  subject->backend =
      std::make_unique<FakeBackend>(FakeBackend::Options{}, *subject->clock);
  AddSources(*subject);
  return subject;
}

std::unique_ptr<ContractSubject> MakeModule() {
  auto subject = std::make_unique<ContractSubject>();
  subject->clock = std::make_unique<RealClock>();
  subject->backend =
      *LoadBackendModule(WEIR_FAKE_MODULE, {.clock = subject->clock.get()});
  AddSources(*subject);
  return subject;
}

INSTANTIATE_TEST_SUITE_P(
    Fake, ContractTest,
    testing::Values(ContractParameter{"BuiltIn", &MakeBuiltIn},
                    ContractParameter{"Module", &MakeModule}),
    ContractName);

}  // namespace
}  // namespace weir
