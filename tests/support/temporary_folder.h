// TemporaryFolder: a folder of its own for one test, gone after it.
//
//   TemporaryFolder folder;
//   const std::string path = folder.Write("m.yaml", "weight: 2\n");
//
// Thread-safety: one thread.
// Ownership: removes the folder and all in it.
// Failure: dies where it cannot be made.
#ifndef WEIR_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
#define WEIR_TESTS_SUPPORT_TEMPORARY_FOLDER_H_

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

#include "gtest/gtest.h"
#include "sync/check.h"

namespace weir {

class TemporaryFolder {
 public:
  TemporaryFolder() : path_(testing::TempDir() + "/weir_XXXXXX") {
    WEIR_CHECK(mkdtemp(path_.data()) != nullptr, "a test has a folder");
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }

  // Makes a file, with the folders above it; gives its path.
  std::string Write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = std::filesystem::path(path_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
    return file.string();
  }

 private:
  std::string path_;
};

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_TEMPORARY_FOLDER_H_
