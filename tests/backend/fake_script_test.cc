#include "backend/fake/fake_script.h"

#include <map>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

TEST(FakeWhenTest, NamesOneOrEachOfItsMultiples) {
  EXPECT_FALSE(FakeWhen{}.Is(1));
  EXPECT_TRUE((FakeWhen{.at = 3}.Is(3)));
  EXPECT_FALSE((FakeWhen{.at = 3}.Is(6)));
  EXPECT_TRUE((FakeWhen{.every = 3}.Is(6)));
  EXPECT_FALSE((FakeWhen{.every = 3}.Is(7)));
}

TEST(FakeScriptTest, ParsesWhatAModelSays) {
  const absl::StatusOr<FakeScript> script =
      ParseFakeScript({{"compute", "affine"},
                       {"scale", "2.5"},
                       {"offset", "-1"},
                       {"delay", "5ms"},
                       {"delay_per_row", "20us"},
                       {"gate", "hold"},
                       {"waits_at", "2"},
                       {"heeds_stop", "true"},
                       {"fails_every", "3"},
                       {"fail_code", "invalid_argument"},
                       {"throw_stage", "d2h"},
                       {"fault", "device"},
                       {"overlap", "aborts"},
                       {"overlap_runs", "4"},
                       {"poison", "666"}});
  ASSERT_TRUE(script.ok()) << script.status();
  EXPECT_EQ(script->compute, FakeCompute::kAffine);
  EXPECT_EQ(script->scale, 2.5);
  EXPECT_EQ(script->offset, -1);
  EXPECT_EQ(script->delay, milliseconds(5));
  EXPECT_EQ(script->gate, "hold");
  EXPECT_FALSE(script->waits.Is(1)) << "waits_at alone names one run";
  EXPECT_TRUE(script->waits.Is(2));
  EXPECT_TRUE(script->heeds_stop);
  EXPECT_EQ(script->fails.every, 3);
  EXPECT_EQ(script->fail_code, absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(script->throw_stage, FakeStage::kDeviceToHost);
  EXPECT_EQ(script->fault, Fault::kDevice);
  EXPECT_EQ(script->overlap, FakeOverlap::kAborts);
  EXPECT_EQ(script->overlap_runs, 4);
  EXPECT_EQ(script->poison, 666);
}

TEST(FakeScriptTest, RefusesANameItDoesNotKnow) {
  const absl::Status status =
      ParseFakeScript({{"delay", "1s"}, {"sleep", "1s"}}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("option: sleep"));
}

class FakeScriptRefusalTest
    : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(FakeScriptRefusalTest, NamesTheOptionWhoseValueIsWrong) {
  const auto& [name, value] = GetParam();
  const absl::Status status = ParseFakeScript({{name, value}}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(std::string("wrong value of backend option ") + name));
}

INSTANTIATE_TEST_SUITE_P(
    Values, FakeScriptRefusalTest,
    testing::Values(std::pair("delay", "5"), std::pair("delay", "ms"),
                    std::pair("delay", "-5ms"), std::pair("delay", ""),
                    std::pair("delay", "99999999999999999999s"),
                    std::pair("delay", "9999999999999s"),
                    std::pair("fails_every", "-1"),
                    std::pair("fails_every", "3x"), std::pair("fails_at", " 3"),
                    std::pair("scale", "nan"), std::pair("scale", ""),
                    std::pair("alias", "yes"), std::pair("compute", "square"),
                    std::pair("gate", ""), std::pair("throw_stage", "load"),
                    std::pair("overlap", "waits"), std::pair("fail_code", "ok"),
                    std::pair("fault", "host"), std::pair("runs_max", "1e9")));

}  // namespace
}  // namespace weir
