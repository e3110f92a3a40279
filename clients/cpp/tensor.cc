#include "clients/cpp/tensor.h"

#include <optional>

#include "absl/strings/str_join.h"

namespace weir {
namespace {

constexpr size_t kLengthBytes = 4;

// Cuts the first element of BYTES off; nothing where it is not whole.
std::optional<absl::string_view> CutElement(absl::string_view& bytes) {
  uint32_t length = 0;
  if (bytes.size() < kLengthBytes) return std::nullopt;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  bytes.remove_prefix(kLengthBytes);
  if (bytes.size() < length) return std::nullopt;
  const absl::string_view element = bytes.substr(0, length);
  bytes.remove_prefix(length);
  return element;
}

absl::Status CheckTexts(absl::string_view bytes, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    if (!CutElement(bytes).has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("element ", i, " of ", count, " ends past the bytes"));
    }
  }
  if (bytes.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(bytes.size(), " bytes follow the last element"));
}

absl::Status CheckContents(const InferTensor& tensor) {
  const std::optional<size_t> element_bytes = ElementBytes(tensor.datatype);
  if (!element_bytes.has_value()) {
    return absl::InvalidArgumentError("the protocol has no such datatype");
  }
  const absl::StatusOr<int64_t> count = CountElements(tensor.shape);
  if (!count.ok()) return count.status();
  if (*element_bytes == 0) return CheckTexts(tensor.bytes, *count);
  // Not multiplied: the product may be too large for any number.
  const bool is_whole = tensor.bytes.size() % *element_bytes == 0;
  if (is_whole &&
      tensor.bytes.size() / *element_bytes == static_cast<uint64_t>(*count)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("that is ", *count, " elements of ", *element_bytes,
                   " bytes, there are ", tensor.bytes.size(), " bytes"));
}

}  // namespace

absl::StatusOr<int64_t> CountElements(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  bool is_past_the_end = false;
  bool is_empty = false;
  for (const int64_t dimension : shape) {
    if (dimension < 0) {
      return absl::InvalidArgumentError("a dimension is negative");
    }
    is_empty = is_empty || dimension == 0;
    if (!is_past_the_end) {
      is_past_the_end = __builtin_mul_overflow(count, dimension, &count);
    }
  }
  if (is_empty) return 0;
  if (is_past_the_end) {
    return absl::InvalidArgumentError("that are too many elements");
  }
  return count;
}

absl::Status CheckTensor(const InferTensor& tensor) {
  absl::Status status = CheckContents(tensor);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat(
      "tensor \"", tensor.name, "\": ",
      DescribeTensor(tensor.datatype, tensor.shape), ": ", status.message()));
}

std::string DescribeTensor(absl::string_view datatype,
                           const std::vector<int64_t>& shape) {
  return absl::StrCat(datatype, " [", absl::StrJoin(shape, ","), "]");
}

std::string EncodeElements(const std::vector<bool>& elements) {
  return {elements.begin(), elements.end()};
}

std::string EncodeElements(const std::vector<std::string>& elements) {
  std::string bytes;
  for (const std::string& element : elements) {
    const auto length = static_cast<uint32_t>(element.size());
    char prefix[kLengthBytes];
    std::memcpy(prefix, &length, kLengthBytes);
    bytes.append(prefix, kLengthBytes);
    bytes.append(element);
  }
  return bytes;
}

void DecodeElements(absl::string_view bytes, std::vector<bool>& elements) {
  elements.clear();
  for (const char byte : bytes) elements.push_back(byte != 0);
}

void DecodeElements(absl::string_view bytes,
                    std::vector<std::string>& elements) {
  elements.clear();
  while (const std::optional<absl::string_view> element = CutElement(bytes)) {
    elements.emplace_back(*element);
  }
}

}  // namespace weir
