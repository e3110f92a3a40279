// Any bytes as a configuration: it never crashes, an error says where, and what
// is accepted is printed as a text that means the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "config/config_yaml.h"
#include "config/problems.h"
#include "sync/check.h"

namespace weir {
namespace {

constexpr absl::string_view kFile = "fuzz.yaml";

// Takes ":" and a number that is at least 1 off the front.
bool TakeNumber(absl::string_view& text) {
  if (text.empty() || text[0] != ':') return false;
  size_t end = 1;
  while (end < text.size() && absl::ascii_isdigit(text[end])) ++end;
  const bool is_number = end > 1 && text[1] != '0';
  text.remove_prefix(end);
  return is_number;
}

void CheckSentence(absl::string_view message) {
  WEIR_CHECK(absl::StartsWith(message, kFile), "an error names the file");
  message.remove_prefix(kFile.size());
  WEIR_CHECK(TakeNumber(message), "an error has a line");
  WEIR_CHECK(TakeNumber(message), "an error has a column");
  WEIR_CHECK(absl::StartsWith(message, ": "), "an error has a reason");
  const bool is_line =
      std::none_of(message.begin(), message.end(), absl::ascii_iscntrl);
  WEIR_CHECK(is_line && message.size() < 4096, "an error is one short line");
}

// A line for each thing that is wrong, and one more where there are too many.
void CheckError(const absl::Status& status) {
  WEIR_CHECK(absl::IsInvalidArgument(status), "a bad text is the caller's");
  const std::vector<absl::string_view> lines =
      absl::StrSplit(status.message(), '\n');
  WEIR_CHECK(lines.size() <= Problems::kMax + 1, "errors are bounded");
  for (size_t i = 0; i < std::min(lines.size(), Problems::kMax); ++i) {
    CheckSentence(lines[i]);
  }
}

template <typename Parse>
void CheckText(absl::string_view text, const Parse& parse) {
  const auto value = parse(kFile, text);
  if (!value.ok()) {
    CheckError(value.status());
    return;
  }
  const std::string printed = ToYaml(*value);
  const auto again = parse("printed.yaml", printed);
  WEIR_CHECK(again.ok(), "what is printed can be read");
  WEIR_CHECK(*again == *value, "what is printed means the same");
}

}  // namespace
}  // namespace weir

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  weir::CheckText(text, [](absl::string_view file, absl::string_view yaml) {
    return weir::ParseConfig(file, yaml);
  });
  weir::CheckText(text, [](absl::string_view file, absl::string_view yaml) {
    return weir::ParseModelConfig(file, yaml);
  });
  return 0;
}
