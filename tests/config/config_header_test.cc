// The comments of the structs are the manual; the field tables are what the
// program does. Here the two are held equal.
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "config/config_fields.h"
#include "config/model_fields.h"
#include "gtest/gtest.h"

namespace weir {
namespace {

// The comments in front of the members of `struct_name`, joined to one line.
std::vector<std::string> MemberComments(const std::string& header,
                                        const std::string& struct_name) {
  std::ifstream file(std::string(WEIR_SOURCE_DIR "/config/") + header);
  std::vector<std::string> comments;
  std::string line;
  while (std::getline(file, line) && line != "struct " + struct_name + " {") {
  }
  std::string comment;
  while (std::getline(file, line) && line != "};") {
    absl::string_view rest = line;
    if (absl::ConsumePrefix(&rest, "  // ")) {
      absl::StrAppend(&comment, comment.empty() ? "" : " ", rest);
    } else if (!comment.empty()) {
      comments.push_back(comment);
      comment.clear();
    }
  }
  return comments;
}

template <typename Struct>
void ExpectCommentsOf(const std::string& header, const std::string& name) {
  std::vector<std::string> described;
  ForEachField<Struct>(
      [&](const auto& field) { described.push_back(Describe(field)); });
  EXPECT_EQ(MemberComments(header, name), described) << name;
}

// R49
TEST(ConfigHeaderTest, SaysWhatTheTableSays) {
  ExpectCommentsOf<ListenConfig>("config.h", "ListenConfig");
  ExpectCommentsOf<ModelsConfig>("config.h", "ModelsConfig");
  ExpectCommentsOf<BackendConfig>("config.h", "BackendConfig");
  ExpectCommentsOf<DeviceConfig>("config.h", "DeviceConfig");
  ExpectCommentsOf<QueueConfig>("config.h", "QueueConfig");
  ExpectCommentsOf<OverloadConfig>("config.h", "OverloadConfig");
  ExpectCommentsOf<LimitsConfig>("config.h", "LimitsConfig");
  ExpectCommentsOf<DrainConfig>("config.h", "DrainConfig");
  ExpectCommentsOf<LogConfig>("config.h", "LogConfig");
  ExpectCommentsOf<Config>("config.h", "Config");
}

// R49
TEST(ModelConfigHeaderTest, SaysWhatTheTableSays) {
  ExpectCommentsOf<TensorConfig>("model_config.h", "TensorConfig");
  ExpectCommentsOf<BatchConfig>("model_config.h", "BatchConfig");
  ExpectCommentsOf<ModelConfig>("model_config.h", "ModelConfig");
}

}  // namespace
}  // namespace weir
