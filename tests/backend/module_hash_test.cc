// The hash of the shared headers (cmake/backend_hash.cmake).
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/command.h"

namespace weir {
namespace {

namespace fs = std::filesystem;

class ModuleHashTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    Write("one/a.h", "int a;");
    Write("one/b.h", "int b;");
  }
  void TearDown() override { fs::remove_all(folder_); }

  void Write(const std::string& file, const std::string& text) {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file) << text;
  }
  // The hash of `headers` under `root`: 64 hexadecimal digits.
  std::string HashOf(const std::string& root, const std::string& headers) {
    const fs::path output = folder_ / "hash.h";
    const CommandResult result =
        RunCommand(WEIR_CMAKE " -DROOT=" + (folder_ / root).string() +
                   " -DOUTPUT=" + output.string() + " -DHEADERS=" + headers +
                   " -P " WEIR_HASH_SCRIPT);
    EXPECT_EQ(result.status, 0) << result.output;
    std::ifstream file(output);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const size_t begin = text.find('"') + 1;
    std::string hash = text.substr(begin, text.find('"', begin) - begin);
    EXPECT_EQ(hash.size(), 64) << text;
    EXPECT_EQ(hash.find_first_not_of("0123456789abcdef"), std::string::npos);
    return hash;
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / "weir_module_hash";
};

TEST_F(ModuleHashTest, IsTheSameElsewhereAndInAnotherOrder) {
  Write("two/a.h", "int a;");
  Write("two/b.h", "int b;");
  EXPECT_EQ(HashOf("one", "a.h,b.h"), HashOf("two", "b.h,a.h"));
}

TEST_F(ModuleHashTest, ChangesWithWhatAHeaderHolds) {
  const std::string before = HashOf("one", "a.h,b.h");
  Write("one/b.h", "int c;");
  EXPECT_NE(HashOf("one", "a.h,b.h"), before);
}

TEST_F(ModuleHashTest, ChangesWithTheHeadersThatThereAre) {
  const std::string before = HashOf("one", "a.h,b.h");
  EXPECT_NE(HashOf("one", "a.h"), before);
  Write("one/c.h", "int b;");
  EXPECT_NE(HashOf("one", "a.h,c.h"), before);
}

}  // namespace
}  // namespace weir
