// The concurrency suite on the fake backend, where it must pass, and where it
// must find what is planted.
#include <memory>
#include <string>
#include <utility>

#include "backend/fake/fake_backend.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/output_difference.h"
#include "tests/support/tensors.h"
#include "tests/torch/concurrency.h"

namespace weir {
namespace {

using ::testing::HasSubstr;

ModelSource SourceOf(const std::string& name, const std::string& datatype,
                     std::map<std::string, std::string> options) {
  ModelSource source{.name = name};
  source.config.inputs = {{.name = "x", .datatype = datatype, .shape = {-1}}};
  source.config.outputs = {{.name = "y", .datatype = datatype, .shape = {-1}}};
  source.config.batch = BatchConfig{.rows_max = 64};
  source.config.backend_options = std::move(options);
  return source;
}

std::unique_ptr<ConcurrencySubject> MakeFake() {
  auto subject = std::make_unique<ConcurrencySubject>();
  subject->clock = std::make_unique<RealClock>();
  subject->backend =
      std::make_unique<FakeBackend>(FakeBackend::Options{}, *subject->clock);
  subject->device = "fake:0";
  subject->models = {
      SourceOf("identity", "FP32", {}),
      SourceOf("affine", "FP32", {{"compute", "affine"}, {"scale", "3"}}),
      SourceOf("ids", "INT64", {{"compute", "affine"}, {"offset", "1"}}),
  };
  return subject;
}

INSTANTIATE_TEST_SUITE_P(Fake, ConcurrencyTest,
                         testing::Values(ConcurrencyParameter{"BuiltIn",
                                                              &MakeFake}),
                         ConcurrencyName);

// One wrong byte among the runs of eight threads, once all jobs were run alone.
std::unique_ptr<ConcurrencySubject> MakeCorrupt() {
  auto subject = MakeFake();
  subject->models = {SourceOf("corrupt", "FP32", {{"corrupts_at", "50"}})};
  return subject;
}

class ConcurrencyOfCorruptTest : public ConcurrencyTest {};

TEST_P(ConcurrencyOfCorruptTest, FindsTheOneWrongByte) {
  const std::vector<ConcurrencyJob> jobs = MakeJobs(1);
  WrongAnswers wrong;
  RunJobs(jobs, kNumThreads, kNumRounds, wrong);
  EXPECT_EQ(wrong.count(), 1);
  EXPECT_THAT(wrong.first(), HasSubstr("corrupt: y FP32"));
}

INSTANTIATE_TEST_SUITE_P(Fake, ConcurrencyOfCorruptTest,
                         testing::Values(ConcurrencyParameter{"BuiltIn",
                                                              &MakeCorrupt}),
                         ConcurrencyName);

TEST(ConcurrencyDifferenceTest, TellsARequestThatIsTooFarFromItsOwnAnswer) {
  const Outputs batch = {{"y", FloatTensor({3}, {1, 2, 3})}};
  const Outputs one = {{"y", FloatTensor({1}, {1.000019F})}};
  const Outputs two = {{"y", FloatTensor({2}, {2, 3})}};
  const Outputs far = {{"y", FloatTensor({2}, {2, 3.001F})}};
  EXPECT_EQ(DifferenceByRequest(batch, {one, two}), "");
  EXPECT_THAT(DifferenceByRequest(batch, {one, far}), HasSubstr("value 2"));
  EXPECT_NE(DifferenceByRequest(batch, {one}), "");
  EXPECT_NE(DifferenceByRequest(batch, {two, one}), "");
}

}  // namespace
}  // namespace weir
