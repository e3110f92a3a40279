// What becomes of a module that meets another libtorch than it was built for.
#include <string>

#include "backend/module.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sync/clock.h"
#include "tests/torch/torch_fixtures.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// R48: both versions, and where the wrong one came from, in one line.
TEST(LibtorchVersionTest, RefusesALibtorchThatItWasNotBuiltFor) {
  RealClock clock;
  const absl::Status status =
      LoadBackendModule(WEIR_OTHER_VERSION_MODULE, {.clock = &clock}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("built for libtorch 2.9.7, but 2."),
                    HasSubstr("libtorch_cpu."), Not(HasSubstr("\n"))));
}

// R48: what was loaded, from where, and what it was built for.
TEST(LibtorchVersionTest, IsAFactOfTheBackend) {
  RealClock clock;
  EXPECT_THAT(TorchBackend(clock)->Facts(),
              ElementsAre(MatchesRegex("libtorch ([0-9.]+) from "
                                       "/.*libtorch_cpu\\.[a-z.]+, built for "
                                       "[0-9.]+")));
}

}  // namespace
}  // namespace weir
