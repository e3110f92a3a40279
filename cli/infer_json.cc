#include "cli/infer_json.h"

#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "config/status_macros.h"
#include "config/yaml_node.h"

namespace weir {
namespace {

using Type = YamlNode::Type;

// The shape that the first elements show.
std::vector<int64_t> ShapeOf(const YamlNode& root) {
  std::vector<int64_t> shape;
  const YamlNode* node = &root;
  while (node->type == Type::kList) {
    shape.push_back(static_cast<int64_t>(node->children.size()));
    if (node->children.empty()) break;
    node = &node->children[0];
  }
  return shape;
}

// Appends the scalars below, row-major. The tree is at most kYamlDepthMax deep.
absl::Status Flatten(const YamlNode& node, const std::vector<int64_t>& shape,
                     size_t depth, std::vector<const YamlNode*>& scalars) {
  if (depth == shape.size()) {
    if (node.type != Type::kScalar) {
      return absl::InvalidArgumentError(
          node.type == Type::kList ? "its lists are not of one depth"
                                   : "an element is neither number nor text");
    }
    scalars.push_back(&node);
    return absl::OkStatus();
  }
  if (node.type != Type::kList ||
      static_cast<int64_t>(node.children.size()) != shape[depth]) {
    return absl::InvalidArgumentError("its lists are not of one length");
  }
  for (const YamlNode& child : node.children) {
    WEIR_RETURN_IF_ERROR(Flatten(child, shape, depth + 1, scalars));
  }
  return absl::OkStatus();
}

bool ParseFloat(const std::string& text, double& value) {
  if (text == "NaN") {
    value = std::numeric_limits<double>::quiet_NaN();
    return true;
  }
  if (text == "Infinity" || text == "-Infinity") {
    value = text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
    return true;
  }
  // Not `nan` and `inf`, nor what is larger than any double.
  return absl::SimpleAtod(text, &value) && std::isfinite(value);
}

bool ParseElement(const YamlNode& node, bool& flag) {
  flag = node.text == "true";
  return !node.is_quoted && (flag || node.text == "false");
}
bool ParseElement(const YamlNode& node, std::string& text) {
  text = node.text;
  return node.is_quoted;
}
template <typename Float>
bool ParseRounded(const YamlNode& node, Float& rounded) {
  double value = 0;
  if (node.is_quoted || !ParseFloat(node.text, value)) return false;
  rounded = static_cast<Float>(value);
  // What is finite stays so.
  return std::isinf(value) || !std::isinf(rounded);
}
bool ParseElement(const YamlNode& node, double& value) {
  return ParseRounded(node, value);
}
bool ParseElement(const YamlNode& node, float& value) {
  return ParseRounded(node, value);
}
bool ParseElement(const YamlNode& node, Fp16& half) {
  float value = 0;
  if (!ParseRounded(node, value)) return false;
  half = ToFp16(value);
  return std::isinf(value) || !std::isinf(ToFloat(half));
}
bool ParseElement(const YamlNode& node, Bf16& half) {
  float value = 0;
  if (!ParseRounded(node, value)) return false;
  half = ToBf16(value);
  return std::isinf(value) || !std::isinf(ToFloat(half));
}
template <typename Integer>
bool ParseElement(const YamlNode& node, Integer& integer) {
  using Wide = std::conditional_t<std::is_signed_v<Integer>, int64_t, uint64_t>;
  Wide wide = 0;
  if (node.is_quoted || !absl::SimpleAtoi(node.text, &wide)) return false;
  if (wide < std::numeric_limits<Integer>::min() ||
      wide > std::numeric_limits<Integer>::max()) {
    return false;
  }
  integer = static_cast<Integer>(wide);
  return true;
}

template <typename Element>
absl::StatusOr<std::string> Encode(
    const std::vector<const YamlNode*>& scalars) {
  std::vector<Element> elements;
  elements.reserve(scalars.size());
  for (const YamlNode* scalar : scalars) {
    Element element{};
    if (!ParseElement(*scalar, element)) {
      return absl::InvalidArgumentError(absl::StrCat(
          scalar->is_quoted ? "\"" : "", scalar->text,
          scalar->is_quoted ? "\"" : "", " is no ", DatatypeOf<Element>::kName,
          std::is_same_v<Element, std::string> ? "; a text is in quotes" : ""));
    }
    elements.push_back(element);
  }
  return EncodeElements(elements);
}

}  // namespace

absl::StatusOr<InferTensor> TensorOfJson(absl::string_view text,
                                         absl::string_view datatype) {
  WEIR_ASSIGN_OR_RETURN(const YamlNode root, ParseYaml("JSON", text));
  InferTensor tensor{.datatype = std::string(datatype), .shape = ShapeOf(root)};
  std::vector<const YamlNode*> scalars;
  WEIR_RETURN_IF_ERROR(Flatten(root, tensor.shape, 0, scalars));
  absl::StatusOr<std::string> bytes = VisitDatatype(
      datatype, [&](const auto& element) -> absl::StatusOr<std::string> {
        return Encode<std::decay_t<decltype(element)>>(scalars);
      });
  WEIR_ASSIGN_OR_RETURN(tensor.bytes, std::move(bytes));
  return tensor;
}

}  // namespace weir
