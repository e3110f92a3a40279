// Runs every file of a fuzz target's corpus through the target.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace weir {
namespace {

std::vector<std::string> CorpusFiles() {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(WEIR_CORPUS_DIR)) {
    files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = std::filesystem::path(info.param).stem().string();
  for (char& c : name) {
    if (!absl::ascii_isalnum(c)) c = '_';
  }
  return name;
}

class CorpusTest : public testing::TestWithParam<std::string> {};

// SEC-19
TEST_P(CorpusTest, HoldsTheTargetsProperties) {
  std::ifstream file(GetParam(), std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  ASSERT_TRUE(file.good()) << GetParam();
  const std::string text = bytes.str();
  EXPECT_EQ(LLVMFuzzerTestOneInput(
                reinterpret_cast<const uint8_t*>(text.data()), text.size()),
            0);
}

INSTANTIATE_TEST_SUITE_P(Corpus, CorpusTest, testing::ValuesIn(CorpusFiles()),
                         TestName);

}  // namespace
}  // namespace weir
