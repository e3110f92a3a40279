#include "cli/infer_plan.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Kind = InputSource::Kind;

std::string Problem(const InferArguments& arguments) {
  return std::string(PlanInfer(arguments).status().message());
}

TEST(InferPlanTest, TakesDefaultsForWhatIsNotSaid) {
  const absl::StatusOr<InferPlan> plan = PlanInfer({.model = "m"});
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(plan->model, "m");
  EXPECT_EQ(plan->version, "");
  EXPECT_EQ(plan->address, "localhost:8001");
  EXPECT_EQ(plan->timeout, std::chrono::seconds(10));
  EXPECT_THAT(plan->inputs, IsEmpty());
}

TEST(InferPlanTest, TellsWhereAnInputComesFrom) {
  const absl::StatusOr<InputSource> random = ParseInputSource("x=random:2,256");
  ASSERT_TRUE(random.ok());
  EXPECT_EQ(random->kind, Kind::kRandom);
  EXPECT_THAT(random->shape, ElementsAre(2, 256));
  const absl::StatusOr<InputSource> scalar = ParseInputSource("x=random:");
  ASSERT_TRUE(scalar.ok());
  EXPECT_THAT(scalar->shape, IsEmpty());
  const absl::StatusOr<InputSource> file = ParseInputSource("x=a=b.npy");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(file->kind, Kind::kNpy);
  EXPECT_EQ(file->name, "x");
  EXPECT_EQ(file->text, "a=b.npy");
  const absl::StatusOr<InputSource> array = ParseInputSource("x=[1, 2]");
  ASSERT_TRUE(array.ok());
  EXPECT_EQ(array->kind, Kind::kJson);
  EXPECT_EQ(array->text, "[1, 2]");
}

TEST(InferPlanTest, RefusesAnInputThatSaysNothing) {
  for (const char* text : {"", "x", "=1", "x="}) {
    EXPECT_THAT(Problem({.model = "m", .inputs = {text}}),
                HasSubstr("allowed: NAME=random:2,256, NAME=FILE.npy"))
        << text;
  }
  for (const char* text : {"x=random:a", "x=random:-1", "x=random:1,,2",
                           "x=random:[2]", "x=random:99999999999999999999"}) {
    EXPECT_THAT(Problem({.model = "m", .inputs = {text}}),
                HasSubstr("not a shape"))
        << text;
  }
}

TEST(InferPlanTest, RefusesAnInputThatIsGivenTwice) {
  EXPECT_EQ(Problem({.model = "m", .inputs = {"x=1", "x=2"}}),
            "--input: \"x\" is given twice");
}

TEST(InferPlanTest, TakesAddressesOfHostsAndSockets) {
  for (const char* address :
       {"localhost:8001", "10.0.0.1:1", "[::1]:65535", "unix:/run/weir.sock"}) {
    EXPECT_EQ(Problem({.model = "m", .address = address}), "") << address;
  }
  for (const char* address :
       {"", "localhost", ":8001", "localhost:", "localhost:0",
        "unix:", "localhost:65536", "localhost:http", "http://localhost"}) {
    EXPECT_THAT(Problem({.model = "m", .address = address}),
                HasSubstr("allowed: HOST:PORT, unix:PATH"))
        << address;
  }
}

TEST(InferPlanTest, TakesTheNumberOfAVersion) {
  EXPECT_EQ(PlanInfer({.model = "m", .version = "3"})->version, "3");
  for (const char* version :
       {"0", "-1", "newest", "1e9", "1.0", "", "99999999999999999999"}) {
    EXPECT_THAT(Problem({.model = "m", .version = version}),
                HasSubstr("--model-version: "))
        << version;
  }
}

TEST(InferPlanTest, TakesATimeWithItsUnit) {
  EXPECT_EQ(PlanInfer({.model = "m", .timeout = "250ms"})->timeout,
            std::chrono::milliseconds(250));
  for (const char* timeout : {"250", "0s", "2h", "-1s", "soon"}) {
    EXPECT_THAT(Problem({.model = "m", .timeout = timeout}),
                HasSubstr("--timeout: "))
        << timeout;
  }
}

}  // namespace
}  // namespace weir
