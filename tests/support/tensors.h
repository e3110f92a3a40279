// Tensors of tests: made from values, read back as values, cut into pieces as
// a message off the wire may be.
//
//   Tensor x = FloatTensor({2, 2}, {1, 2, 3, 4});
//   EXPECT_THAT(Floats(InPieces(x, 3)), ElementsAre(1, 2, 3, 4));
//
// Thread-safety: pure functions.
// Ownership: tensors own their memory.
// Failure: dies where the values are not the shape's.
#ifndef WEIR_TESTS_SUPPORT_TENSORS_H_
#define WEIR_TESTS_SUPPORT_TENSORS_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "backend/tensor.h"
#include "sync/check.h"

namespace weir {

template <typename Element>
Tensor TensorOf(DataType type, Shape shape,
                const std::vector<Element>& values) {
  auto [tensor, data] = Tensor::Allocate(type, std::move(shape));
  const size_t size = values.size() * sizeof(Element);
  WEIR_CHECK(static_cast<size_t>(tensor.size_bytes()) == size,
             "the values are those of the shape");
  if (size > 0) std::memcpy(data, values.data(), size);
  return tensor;
}

inline Tensor FloatTensor(Shape shape, const std::vector<float>& values) {
  return TensorOf(DataType::kFp32, std::move(shape), values);
}

inline Tensor IntTensor(Shape shape, const std::vector<int64_t>& values) {
  return TensorOf(DataType::kInt64, std::move(shape), values);
}

template <typename Element>
std::vector<Element> ValuesOf(const Tensor& tensor) {
  std::vector<std::byte> bytes(static_cast<size_t>(tensor.size_bytes()) + 1);
  tensor.CopyTo(bytes.data());
  std::vector<Element> values(static_cast<size_t>(tensor.size_bytes()) /
                              sizeof(Element));
  if (!values.empty()) {
    std::memcpy(values.data(), bytes.data(), values.size() * sizeof(Element));
  }
  return values;
}

inline std::vector<float> Floats(const Tensor& tensor) {
  return ValuesOf<float>(tensor);
}

// The same tensor in chunks of `piece` bytes, each a byte off its alignment and
// away from its neighbours.
inline Tensor InPieces(const Tensor& tensor, size_t piece) {
  const auto size = static_cast<size_t>(tensor.size_bytes());
  std::vector<std::byte> dense(size + 1);
  tensor.CopyTo(dense.data());
  auto memory = std::make_shared<std::vector<std::byte>>(4 * size + 16);
  Tensor::Chunks chunks;
  size_t target = 1;
  for (size_t begin = 0; begin < size; begin += piece) {
    const size_t count = std::min(piece, size - begin);
    std::memcpy(memory->data() + target, dense.data() + begin, count);
    chunks.push_back({memory->data() + target, count});
    target += count + 2;
  }
  return *Tensor::View(tensor.type(), tensor.shape(), MemoryKind::kHost,
                       std::move(chunks), std::move(memory));
}

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_TENSORS_H_
