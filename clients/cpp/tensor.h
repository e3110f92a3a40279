// InferTensor: a named tensor as it travels, and its elements as C++ has them.
//
//   const InferTensor x = TensorOf<float>("x", {1, 3}, {1, 2, 3});
//   absl::StatusOr<std::vector<float>> elements = ElementsOf<float>(x);
//
// The bytes are raw: row-major, little-endian, unpadded. A BOOL is one byte, 0
// or 1; an element of BYTES is its length in four bytes and then its bytes.
// Nothing is converted: a vector of double is an FP64 tensor, and a model that
// wants FP32 refuses it.
//
// Thread-safety: values.
// Ownership: a tensor owns its bytes.
// Failure: ElementsOf and CheckTensor are INVALID_ARGUMENT where datatype,
// shape and bytes do not fit together, or the elements are others than asked
// for; they allocate nothing on the word of the shape alone.
#ifndef WEIR_CLIENTS_CPP_TENSOR_H_
#define WEIR_CLIENTS_CPP_TENSOR_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/datatype.h"

namespace weir {

static_assert(std::endian::native == std::endian::little,
              "elements are copied as they lie in memory");

struct InferTensor {
  std::string name = {};
  std::string datatype = {};  // such as "FP32"
  std::vector<int64_t> shape = {};
  std::string bytes = {};
};

// The product of the dimensions. INVALID_ARGUMENT for a negative dimension or
// one too many.
absl::StatusOr<int64_t> CountElements(const std::vector<int64_t>& shape);

// Whether the bytes are what datatype and shape ask for.
absl::Status CheckTensor(const InferTensor& tensor);

// "FP32 [1,256]"
std::string DescribeTensor(absl::string_view datatype,
                           const std::vector<int64_t>& shape);

// The bytes of elements. One of BYTES is below 4 GiB.
std::string EncodeElements(const std::vector<bool>& elements);
std::string EncodeElements(const std::vector<std::string>& elements);
template <typename Element>
std::string EncodeElements(const std::vector<Element>& elements) {
  std::string bytes(elements.size() * sizeof(Element), '\0');
  if (!elements.empty()) {
    std::memcpy(bytes.data(), elements.data(), bytes.size());
  }
  return bytes;
}

// The elements of bytes that CheckTensor took for whole.
void DecodeElements(absl::string_view bytes, std::vector<bool>& elements);
void DecodeElements(absl::string_view bytes,
                    std::vector<std::string>& elements);
template <typename Element>
void DecodeElements(absl::string_view bytes, std::vector<Element>& elements) {
  elements.resize(bytes.size() / sizeof(Element));
  if (!elements.empty()) {
    std::memcpy(elements.data(), bytes.data(), bytes.size());
  }
}

// A tensor of the elements. That there are as many as the shape asks for is
// looked at when it is sent.
template <typename Element>
InferTensor TensorOf(absl::string_view name, const std::vector<int64_t>& shape,
                     const std::vector<Element>& elements) {
  return {.name = std::string(name),
          .datatype = DatatypeOf<Element>::kName,
          .shape = shape,
          .bytes = EncodeElements(elements)};
}

// The tensor's elements, row-major.
template <typename Element>
absl::StatusOr<std::vector<Element>> ElementsOf(const InferTensor& tensor) {
  if (tensor.datatype != DatatypeOf<Element>::kName) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor \"", tensor.name, "\" is ", tensor.datatype,
                     ", not ", DatatypeOf<Element>::kName));
  }
  if (absl::Status status = CheckTensor(tensor); !status.ok()) return status;
  std::vector<Element> elements;
  DecodeElements(tensor.bytes, elements);
  return elements;
}

}  // namespace weir

#endif  // WEIR_CLIENTS_CPP_TENSOR_H_
