// Which input goes where among the arguments of forward(): the rarer forms, and
// what is refused.
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/torch/torch_rig.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using TorchArgumentsTest = TorchTest;

const std::vector<float> kOnes = {1, 1, 1, 1};
const std::vector<float> kCounting = {1, 2, 3, 4};

TEST_F(TorchArgumentsTest, TakesAListsOwnNameForItsFirstElement) {
  Model& model = Load(Renamed("list_input", {"xs__1", "xs"}));
  EXPECT_THAT(Said(Run(model, {Rows("xs__1", kOnes), Rows("xs", kCounting)})),
              ElementsAre("y [1,4,] -1 0 1 2"));
}

// The names that other servers demand.
TEST_F(TorchArgumentsTest, FillsAListInOrderWhereNamesAreMereIndices) {
  Model& model = Load(Renamed("list_input", {"INPUT__0", "INPUT__1"}));
  EXPECT_THAT(
      Said(Run(model, {Rows("INPUT__0", kCounting), Rows("INPUT__1", kOnes)})),
      ElementsAre("y [1,4,] -1 0 1 2"));
}

TEST_F(TorchArgumentsTest, LeavesOptionalArgumentsOutInOrder) {
  Model& model = Load(Renamed("optional_input", {"a"}));
  EXPECT_THAT(Said(Run(model, {Rows("a", kCounting)})),
              ElementsAre("y [1,4,] 1001 1002 1003 1004"));
}

TEST_F(TorchArgumentsTest, TakesDefaultsAndNoneForWhatIsLeftOut) {
  EXPECT_THAT(Said(Run(Load("mixed_input"),
                       {Rows("x", kCounting), Rows("more__xs__0", kOnes),
                        Rows("more__xs__1", kOnes)})),
              ElementsAre("y [1,4,] 0 3 6 9"));
}

TEST_F(TorchArgumentsTest, KeepsTwoDictionariesApart) {
  EXPECT_THAT(Said(Run(Load("two_dicts"),
                       {Rows("left__v", kCounting), Rows("right__v", kOnes)})),
              ElementsAre("y [1,4,] -1 0 1 2"));
}

TEST_F(TorchArgumentsTest, RefusesAKeyThatTwoDictionariesMightTake) {
  EXPECT_THAT(WhyNot(Renamed("two_dicts", {"left__v", "v"})).ToString(),
              HasSubstr("input \"v\" matches no argument of forward(left, "
                        "right)"));
}

TEST_F(TorchArgumentsTest, RefusesAnIndexPastTheArguments) {
  EXPECT_THAT(
      WhyNot(Renamed("two_inputs", {"INPUT__0", "INPUT__2"})).ToString(),
      HasSubstr("input \"INPUT__2\" matches no argument"));
}

TEST_F(TorchArgumentsTest, RefusesAnElementThatIsGivenTwice) {
  EXPECT_THAT(WhyNot(Renamed("list_input", {"xs", "xs__0"})).ToString(),
              HasSubstr("input \"xs__0\": argument \"xs\" is given twice"));
}

TEST_F(TorchArgumentsTest, RefusesAListWithAHole) {
  EXPECT_THAT(WhyNot(Renamed("mixed_input", {"x", "more__xs__1"})).ToString(),
              HasSubstr("argument \"more__xs\" has no input for each of its "
                        "elements"));
}

TEST_F(TorchArgumentsTest, RefusesArgumentsThatNoTensorFits) {
  for (const char* name :
       {"needs_number", "needs_numbers", "needs_numbered", "needs_counts"}) {
    EXPECT_EQ(std::string(WhyNot(name).message()),
              "model \"" + std::string(name) +
                  "\": argument \"extra\" of forward(x, extra) is no tensor, "
                  "and has no default");
  }
}

}  // namespace
}  // namespace weir
