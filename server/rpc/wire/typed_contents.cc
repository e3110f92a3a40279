#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "server/rpc/wire/tensor_contents.h"
#include "sync/check.h"

namespace weir {
namespace {

using Contents = inference::InferTensorContents;

struct ContentsField {
  absl::string_view name;
  int num_elements = 0;
};

std::array<ContentsField, 8> FieldsOf(const Contents& contents) {
  return {{{"bool_contents", contents.bool_contents_size()},
           {"int_contents", contents.int_contents_size()},
           {"int64_contents", contents.int64_contents_size()},
           {"uint_contents", contents.uint_contents_size()},
           {"uint64_contents", contents.uint64_contents_size()},
           {"fp32_contents", contents.fp32_contents_size()},
           {"fp64_contents", contents.fp64_contents_size()},
           {"bytes_contents", contents.bytes_contents_size()}}};
}

// The field that a datatype travels in; empty where it has none.
absl::string_view FieldFor(DataType type) {
  switch (type) {
    case DataType::kBool:
      return "bool_contents";
    case DataType::kInt8:
    case DataType::kInt16:
    case DataType::kInt32:
      return "int_contents";
    case DataType::kInt64:
      return "int64_contents";
    case DataType::kUint8:
    case DataType::kUint16:
    case DataType::kUint32:
      return "uint_contents";
    case DataType::kUint64:
      return "uint64_contents";
    case DataType::kFp32:
      return "fp32_contents";
    case DataType::kFp64:
      return "fp64_contents";
    case DataType::kBytes:
      return "bytes_contents";
    case DataType::kFp16:
    case DataType::kBf16:
      break;
  }
  return "";
}

// All elements lie in the one field, and they are as many as the shape has.
absl::Status CheckFields(const TensorClaim& claim, const Contents& contents) {
  const absl::string_view wanted = FieldFor(claim.type);
  if (wanted.empty()) {
    return claim.Refuse(absl::StrCat("expected raw_input_contents, for ",
                                     std::string(Facts(claim.type).name),
                                     " travels in them alone"));
  }
  for (const ContentsField& field : FieldsOf(contents)) {
    if (field.name == wanted && field.num_elements != claim.num_elements) {
      return claim.Refuse(absl::StrCat("expected ", claim.num_elements,
                                       " elements for ", claim.Text(), ", got ",
                                       field.num_elements, " in ", wanted));
    }
    if (field.name != wanted && field.num_elements > 0) {
      return claim.Refuse(absl::StrCat("expected ",
                                       std::string(Facts(claim.type).name),
                                       " in ", wanted, ", got ", field.name));
    }
  }
  return absl::OkStatus();
}

template <typename Element, typename Values>
absl::StatusOr<Tensor> Copied(const TensorClaim& claim, const Values& values) {
  auto [tensor, target] = Tensor::Allocate(claim.type, claim.shape);
  for (const auto value : values) {
    if constexpr (!std::is_same_v<Element, typename Values::value_type>) {
      if (!std::in_range<Element>(value)) {
        return claim.Refuse(absl::StrCat("expected elements that fit ",
                                         std::string(Facts(claim.type).name),
                                         ", got ", value));
      }
    }
    const auto element = static_cast<Element>(value);
    std::memcpy(target, &element, sizeof(element));
    target += sizeof(element);
  }
  return std::move(tensor);
}

absl::StatusOr<Tensor> Framed(const TensorClaim& claim,
                              const Contents& contents) {
  auto bytes = std::make_shared<std::string>();
  size_t size = 0;
  for (const std::string& element : contents.bytes_contents()) {
    size += sizeof(uint32_t) + element.size();
  }
  bytes->reserve(size);
  for (const std::string& element : contents.bytes_contents()) {
    const auto length = static_cast<uint32_t>(element.size());
    bytes->append(reinterpret_cast<const char*>(&length), sizeof(length));
    bytes->append(element);
  }
  const Chunk chunk = {bytes->data(), bytes->size()};
  return Tensor::View(claim.type, claim.shape, MemoryKind::kHost, {chunk},
                      std::move(bytes));
}

}  // namespace

bool HasElements(const Contents& contents) {
  for (const ContentsField& field : FieldsOf(contents)) {
    if (field.num_elements > 0) return true;
  }
  return false;
}

absl::StatusOr<Tensor> TensorOfContents(const TensorClaim& claim,
                                        const Contents& contents) {
  absl::Status status = CheckFields(claim, contents);
  if (!status.ok()) return status;
  switch (claim.type) {
    case DataType::kBool:
      return Copied<bool>(claim, contents.bool_contents());
    case DataType::kInt8:
      return Copied<int8_t>(claim, contents.int_contents());
    case DataType::kInt16:
      return Copied<int16_t>(claim, contents.int_contents());
    case DataType::kInt32:
      return Copied<int32_t>(claim, contents.int_contents());
    case DataType::kInt64:
      return Copied<int64_t>(claim, contents.int64_contents());
    case DataType::kUint8:
      return Copied<uint8_t>(claim, contents.uint_contents());
    case DataType::kUint16:
      return Copied<uint16_t>(claim, contents.uint_contents());
    case DataType::kUint32:
      return Copied<uint32_t>(claim, contents.uint_contents());
    case DataType::kUint64:
      return Copied<uint64_t>(claim, contents.uint64_contents());
    case DataType::kFp32:
      return Copied<float>(claim, contents.fp32_contents());
    case DataType::kFp64:
      return Copied<double>(claim, contents.fp64_contents());
    case DataType::kBytes:
      break;
    case DataType::kFp16:
    case DataType::kBf16:
      WEIR_CHECK(false, "FP16 and BF16 have been refused");
  }
  return Framed(claim, contents);
}

}  // namespace weir
