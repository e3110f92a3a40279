#include "backend/module_path.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temporary_folder.h"

namespace weir {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(ModulePathTest, TakesAPathAsItIs) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("m.so", "");
  EXPECT_EQ(*FindBackendModule(path, "/nonexistent"), path);
}

TEST(ModulePathTest, LooksForANameBesideTheProgramsLibraries) {
  for (const char* place : {"bin/m.so", "lib/weir/m.so", "lib/m.so"}) {
    const TemporaryFolder folder;
    folder.Write("bin/weir", "");
    folder.Write(place, "");
    const auto path = FindBackendModule("m.so", folder.path() + "/bin");
    ASSERT_TRUE(path.ok()) << place;
    EXPECT_TRUE(
        std::filesystem::equivalent(*path, folder.path() + "/" + place));
  }
}

TEST(ModulePathTest, TakesTheNearest) {
  const TemporaryFolder folder;
  for (const char* place : {"bin/m.so", "lib/weir/m.so", "lib/m.so"}) {
    folder.Write(place, "");
  }
  const std::string bin = folder.path() + "/bin";
  EXPECT_EQ(*FindBackendModule("m.so", bin), bin + "/m.so");
}

TEST(ModulePathTest, TellsWhereItLooked) {
  const absl::Status status = FindBackendModule("m.so", "/a/bin").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("\"m.so\" in /a/bin, /a/bin/../lib/weir, "
                              "/a/bin/../lib;"),
                    HasSubstr("backend.module")));
  EXPECT_EQ(FindBackendModule("./m.so", "/a/bin").status().message(),
            "no such backend module: ./m.so");
  EXPECT_FALSE(FindBackendModule("", "/").ok());
}

TEST(ModulePathTest, KnowsTheProgram) {
  EXPECT_THAT(*ProgramPath(), EndsWith("/backend_place_test"));
  EXPECT_EQ(FolderOf("/usr/bin/weir"), "/usr/bin");
  EXPECT_EQ(FolderOf("/weir"), "/");
  EXPECT_EQ(FolderOf("weir"), ".");
}

}  // namespace
}  // namespace weir
