// YamlNode: a YAML text as a small bounded tree that remembers where each part
// was written.
//
//   WEIR_ASSIGN_OR_RETURN(YamlNode root, ParseYaml("weir.yaml", text));
//   for (const YamlNode& child : root.children) Use(child.key, child);
//
// Takes the part of YAML that a configuration needs: one document of maps,
// lists and scalars. Refused: anchors, aliases and tags (and with them alias
// bombs), several documents, a key that is no text or is written twice in one
// map, what is not UTF-8 text, and whatever passes the limits below.
//
// Thread-safety: ParseYaml from any thread; a node is a plain value.
// Ownership: a node owns what lies below it, and its text.
// Failure: InvalidArgument with "FILE:LINE:COLUMN: path: what". Memory stays
// below about 300 times the text's size while parsing.
#ifndef WEIR_CONFIG_YAML_NODE_H_
#define WEIR_CONFIG_YAML_NODE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace weir {

inline constexpr size_t kYamlBytesMax = size_t{1} << 20;
inline constexpr size_t kYamlNodesMax = 65536;
inline constexpr size_t kYamlDepthMax = 16;

struct YamlNode {
  enum class Type { kNull, kScalar, kList, kMap };

  Type type = Type::kNull;
  // From 1; the column counts bytes.
  int line = 1;
  int column = 1;
  // Scalars: the text, and whether it was quoted or a block, which makes it
  // text whatever it looks like.
  std::string text = "";
  bool is_quoted = false;
  // What a list or map holds, in the order it is written.
  std::vector<YamlNode> children = {};
  // For what a map holds: its key, and where that was written.
  std::string key = "";
  int key_line = 1;
  int key_column = 1;
};

// "queue" and "requests_max" give "queue.requests_max".
std::string JoinPath(absl::string_view path, absl::string_view key);
// "devices" and 0 give "devices[0]".
std::string JoinPath(absl::string_view path, size_t index);

// `file` is the name that errors begin with. An empty text, or one of comments,
// is a null node.
absl::StatusOr<YamlNode> ParseYaml(absl::string_view file,
                                   absl::string_view text);

}  // namespace weir

#endif  // WEIR_CONFIG_YAML_NODE_H_
