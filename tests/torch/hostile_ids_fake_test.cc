// The suite of hostile ids on the fake backend, whose ranges are declared.
#include <memory>
#include <utility>

#include "backend/fake/fake_backend.h"
#include "gtest/gtest.h"
#include "tests/torch/hostile_ids.h"

namespace weir {
namespace {

HostileTable TableOf(const std::string& name, const std::string& datatype,
                     ValueRange values) {
  HostileTable table{{.name = name}, values};
  ModelConfig& config = table.source.config;
  config.inputs = {{.name = "ids",
                    .datatype = datatype,
                    .shape = {-1, 8},
                    .values = values}};
  config.outputs = {{.name = "y", .datatype = datatype, .shape = {-1, 8}}};
  config.batch = BatchConfig{.rows_max = 32};
  return table;
}

std::unique_ptr<HostileSubject> MakeFake() {
  auto subject = std::make_unique<HostileSubject>();
  subject->clock = std::make_unique<RealClock>();
  subject->backend =
      std::make_unique<FakeBackend>(FakeBackend::Options{}, *subject->clock);
  subject->device = "fake:0";
  subject->tables = {TableOf("thousand", "INT64", {0, 999}),
                     TableOf("narrow", "INT32", {-5, 5})};
  return subject;
}

INSTANTIATE_TEST_SUITE_P(Fake, HostileIdsTest,
                         testing::Values(HostileParameter{"BuiltIn",
                                                          &MakeFake}),
                         HostileName);

}  // namespace
}  // namespace weir
