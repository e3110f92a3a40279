#include "backend/module_environment.h"

#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/scoped_variable.h"

namespace weir {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kName[] = "OMP_WEIR_TEST";

TEST(ModuleEnvironmentTest, SetsWhatTheConfigurationSays) {
  const ScopedVariable unset(kName, std::nullopt);
  EXPECT_THAT(*SetModuleEnvironment({{kName, "3"}}), IsEmpty());
  EXPECT_STREQ(std::getenv(kName), "3");
}

// R47
TEST(ModuleEnvironmentTest, TellsWhatIsThereAlready) {
  for (const char* name : {"PYTORCH_NO_CUDA_MEMORY_CACHING", "TORCH_X",
                           "ATEN_X", "OMP_X", "MKL_X", "KMP_X", "CUDA_X"}) {
    const ScopedVariable there(name, "1");
    EXPECT_THAT(
        *SetModuleEnvironment({}),
        Contains(std::string("found ") + name + "=1 in the environment"));
  }
}

TEST(ModuleEnvironmentTest, TellsNothingOfOtherVariables) {
  const ScopedVariable there("WEIRD_OMP_X", "1");
  EXPECT_THAT(*SetModuleEnvironment({}), Not(Contains(HasSubstr("WEIRD"))));
}

TEST(ModuleEnvironmentTest, LetsTheConfigurationWin) {
  const ScopedVariable there(kName, "4");
  EXPECT_THAT(*SetModuleEnvironment({{kName, "1"}}),
              Contains("found OMP_WEIR_TEST=4 in the environment; "
                       "backend.environment sets it to 1, which is used"));
  EXPECT_STREQ(std::getenv(kName), "1");
}

TEST(ModuleEnvironmentTest, KeepsAValueOnOneLine) {
  const ScopedVariable there(kName, "\033[2J\n" + std::string(999, 'x'));
  const std::vector<std::string> warnings = *SetModuleEnvironment({});
  for (const std::string& warning : warnings) {
    if (warning.find(kName) == std::string::npos) continue;
    EXPECT_THAT(warning, HasSubstr("\\x1b[2J\\nxxx"));
    EXPECT_LT(warning.size(), 200);
  }
}

TEST(ModuleEnvironmentTest, RefusesWhatNoVariableCanBeAndSetsNone) {
  const ScopedVariable unset(kName, std::nullopt);
  const std::string nul("a\0b", 3);
  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"", "1"}, {"P=Q", "1"}, {nul, "1"}, {"P", nul}}) {
    const auto set = SetModuleEnvironment({{kName, "1"}, {name, value}});
    EXPECT_EQ(set.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(set.status().message()),
                HasSubstr("backend.environment"));
    EXPECT_EQ(std::getenv(kName), nullptr);
  }
}

}  // namespace
}  // namespace weir
