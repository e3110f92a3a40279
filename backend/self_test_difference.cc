#include "backend/self_test_difference.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace weir {
namespace {

std::vector<std::byte> BytesOf(const Tensor& tensor) {
  std::vector<std::byte> bytes(static_cast<size_t>(tensor.size_bytes()));
  tensor.CopyTo(bytes.data());
  return bytes;
}

template <typename Element>
Element ElementAt(const std::byte* data) {
  Element element{};
  std::memcpy(&element, data, sizeof(element));
  return element;
}

// Enough digits to tell any two values apart.
std::string Print(DataType type, const std::byte* data) {
  switch (type) {
    case DataType::kFp32:
      return absl::StrFormat("%.9g", ElementAt<float>(data));
    case DataType::kFp64:
      return absl::StrFormat("%.17g", ElementAt<double>(data));
    case DataType::kInt64:
      return absl::StrCat(ElementAt<int64_t>(data));
    case DataType::kInt32:
      return absl::StrCat(ElementAt<int32_t>(data));
    default:
      break;
  }
  std::string bits = "0x";
  const int64_t size = std::max<int64_t>(1, Facts(type).element_size_bytes);
  for (int64_t i = size - 1; i >= 0; --i) {
    absl::StrAppendFormat(&bits, "%02x", std::to_integer<unsigned>(data[i]));
  }
  return bits;
}

std::string Describe(const Tensor& tensor) {
  return absl::StrCat(std::string(Facts(tensor.type()).name), " [",
                      absl::StrJoin(tensor.shape(), ","), "]");
}

std::optional<std::string> TensorDifference(const Tensor& wanted,
                                            const Tensor& got) {
  if (wanted.type() != got.type() || wanted.shape() != got.shape() ||
      wanted.size_bytes() != got.size_bytes()) {
    return absl::StrCat(" was ", Describe(got), " instead of ",
                        Describe(wanted));
  }
  const std::vector<std::byte> a = BytesOf(wanted);
  const std::vector<std::byte> b = BytesOf(got);
  const auto differs = std::mismatch(a.begin(), a.end(), b.begin());
  if (differs.first == a.end()) return std::nullopt;
  const int64_t size =
      std::max<int64_t>(1, Facts(wanted.type()).element_size_bytes);
  const int64_t element = (differs.first - a.begin()) / size;
  return absl::StrCat(
      " differed at element ", element, " (",
      Print(got.type(), &b[static_cast<size_t>(element * size)]),
      " instead of ",
      Print(got.type(), &a[static_cast<size_t>(element * size)]), ")");
}

}  // namespace

std::optional<std::string> DescribeDifference(const Outputs& wanted,
                                              const Outputs& got) {
  if (wanted.size() != got.size()) {
    return absl::StrCat(got.size(), " outputs instead of ", wanted.size());
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i].name != got[i].name) {
      return absl::StrCat("output \"", got[i].name, "\" instead of \"",
                          wanted[i].name, "\"");
    }
    const auto difference = TensorDifference(wanted[i].tensor, got[i].tensor);
    if (difference.has_value()) {
      return absl::StrCat("output \"", wanted[i].name, "\"", *difference);
    }
  }
  return std::nullopt;
}

bool IsReadable(const Outputs& outputs) {
  return std::none_of(outputs.begin(), outputs.end(), [](const auto& output) {
    return output.tensor.memory() == MemoryKind::kDevice;
  });
}

}  // namespace weir
