#include "config/yaml_writer.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"

namespace weir {
namespace {

constexpr size_t kLineBytesMax = 80;

// Letters and what stands between them in paths and device names. A digit
// first would look like a number; the words are what YAML takes for others.
bool IsPlain(absl::string_view text) {
  constexpr absl::string_view kTaken[] = {"null", "true", "false", "yes",
                                          "no",   "on",   "off"};
  if (text.empty() || !(absl::ascii_isalpha(text[0]) || text[0] == '/')) {
    return false;
  }
  const std::string lower = absl::AsciiStrToLower(text);
  if (std::find(std::begin(kTaken), std::end(kTaken), lower) !=
      std::end(kTaken)) {
    return false;
  }
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || c == '_' || c == '-' || c == '.' ||
           c == '/';
  });
}

// cuda:0 is read as one text; a colon elsewhere could end a key.
bool IsPlainWithIndex(absl::string_view text) {
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return IsPlain(text);
  const absl::string_view index = text.substr(colon + 1);
  return IsPlain(text.substr(0, colon)) && !index.empty() &&
         std::all_of(index.begin(), index.end(), absl::ascii_isdigit);
}

}  // namespace

std::string YamlWriter::Quoted(absl::string_view text) {
  if (IsPlainWithIndex(text)) return std::string(text);
  std::string quoted = "\"";
  for (char c : text) {
    switch (c) {
      case '"':
      case '\\':
        quoted += '\\';
        quoted += c;
        break;
      case '\n':
        quoted += "\\n";
        break;
      case '\r':
        quoted += "\\r";
        break;
      case '\t':
        quoted += "\\t";
        break;
      default:
        quoted += c;
    }
  }
  return quoted + "\"";
}

void YamlWriter::WriteValue(const RangeKind&,
                            const std::optional<ValueRange>& range) {
  WriteLineEnd(absl::StrCat(" [", range->low, ", ", range->high, "]"));
}

void YamlWriter::WriteValue(const TextMapKind&,
                            const std::map<std::string, std::string>& texts) {
  WriteLineEnd(texts.empty() ? " {}" : "");
  ++depth_;
  const std::string above = path_;
  for (const auto& [name, text] : texts) {
    WriteKey(Quoted(name));
    path_ = JoinPath(above, name);
    WriteLineEnd(absl::StrCat(" ", Quoted(text)));
  }
  --depth_;
}

void YamlWriter::WriteComment(const std::string& comment) {
  if (comments_ == Comments::kNo) return;
  if (!is_first_) text_ += '\n';
  const std::string start = absl::StrCat(std::string(Indent(), ' '), "#");
  std::string line = start;
  for (absl::string_view word : absl::StrSplit(comment, ' ')) {
    if (line.size() + 1 + word.size() > kLineBytesMax) {
      absl::StrAppend(&text_, line, "\n");
      line = start;
    }
    absl::StrAppend(&line, " ", word);
  }
  absl::StrAppend(&text_, line, "\n");
}

void YamlWriter::WriteKey(absl::string_view key) {
  absl::StrAppend(&text_, std::string(Indent(), ' '), key, ":");
  is_first_ = false;
}

void YamlWriter::WriteLineEnd(absl::string_view rest) {
  absl::StrAppend(&text_, rest);
  const auto origin = origins_.find(path_);
  if (origin != origins_.end()) {
    // The name of a file may hold anything.
    absl::StrAppend(&text_, "  # ", absl::Utf8SafeCHexEscape(origin->second));
  }
  text_ += '\n';
}

}  // namespace weir
