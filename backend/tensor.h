// Tensor: typed bytes somewhere in memory, and whoever keeps them alive.
//
//   auto holder = std::make_shared<std::vector<float>>(8, 0.5F);
//   absl::StatusOr<Tensor> input = Tensor::View(
//       DataType::kFp32, {2, 4}, MemoryKind::kHost,
//       {{holder->data(), 32}}, holder);
//
// A tensor never copies: an input is a view into the message it came in, an
// output a view into the backend's memory. Both share the owner, which frees
// the memory when the last view is gone.
//
// Thread-safety: a value; the bytes are written before it is shared and never
// after.
// Ownership: shares its owner. Dropping an owner makes no device call.
// Failure: View() refuses a shape whose size overflows or is not what the
// chunks hold.
#ifndef WEIR_BACKEND_TENSOR_H_
#define WEIR_BACKEND_TENSOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "sync/check.h"

namespace weir {

// The datatypes of the Open Inference Protocol.
enum class DataType : uint8_t {
  kBool,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kFp16,
  kBf16,
  kFp32,
  kFp64,
  kBytes,
};

struct DataTypeFacts {
  std::string_view name;
  int64_t element_size_bytes;  // 0: elements differ in size
};

inline constexpr std::array<DataTypeFacts, 14> kDataTypes = {{
    {"BOOL", 1},
    {"UINT8", 1},
    {"UINT16", 2},
    {"UINT32", 4},
    {"UINT64", 8},
    {"INT8", 1},
    {"INT16", 2},
    {"INT32", 4},
    {"INT64", 8},
    {"FP16", 2},
    {"BF16", 2},
    {"FP32", 4},
    {"FP64", 8},
    {"BYTES", 0},
}};

inline const DataTypeFacts& Facts(DataType type) {
  return kDataTypes[static_cast<size_t>(type)];
}

inline std::optional<DataType> ParseDataType(std::string_view name) {
  for (size_t i = 0; i < kDataTypes.size(); ++i) {
    if (kDataTypes[i].name == name) return static_cast<DataType>(i);
  }
  return std::nullopt;
}

using Shape = absl::InlinedVector<int64_t, 4>;

// The number of elements; nothing where a dimension is negative or the product
// overflows.
inline std::optional<int64_t> NumElements(absl::Span<const int64_t> shape) {
  int64_t product = 1;
  for (const int64_t dimension : shape) {
    if (dimension < 0) return std::nullopt;
    if (__builtin_mul_overflow(product, dimension, &product)) {
      return std::nullopt;
    }
  }
  return product;
}

// The bytes of a dense tensor; nothing where that overflows. BYTES has no size
// of its own and gives 0.
inline std::optional<int64_t> SizeInBytes(DataType type,
                                          absl::Span<const int64_t> shape) {
  std::optional<int64_t> size = NumElements(shape);
  if (!size.has_value()) return std::nullopt;
  if (__builtin_mul_overflow(*size, Facts(type).element_size_bytes, &*size)) {
    return std::nullopt;
  }
  return size;
}

enum class MemoryKind : uint8_t { kHost, kPinned, kDevice, kShared };

// A run of bytes. A message that arrived in pieces has several.
struct Chunk {
  const void* data;
  size_t size;
};

class Tensor {
 public:
  using Chunks = absl::InlinedVector<Chunk, 1>;

  Tensor() = default;

  // Refuses chunks whose sizes do not add up to the size of the shape.
  static absl::StatusOr<Tensor> View(DataType type, Shape shape,
                                     MemoryKind memory, Chunks chunks,
                                     std::shared_ptr<const void> owner) {
    const std::optional<int64_t> wanted = SizeInBytes(type, shape);
    if (!wanted.has_value()) {
      return absl::InvalidArgumentError("the size of the shape overflows");
    }
    int64_t size = 0;
    for (const Chunk& chunk : chunks) {
      if (__builtin_add_overflow(size, chunk.size, &size)) {
        return absl::InvalidArgumentError("the size of the data overflows");
      }
    }
    if (type != DataType::kBytes && size != *wanted) {
      return absl::InvalidArgumentError("the data is not of the shape's size");
    }
    return Tensor(type, std::move(shape), memory, std::move(chunks),
                  std::move(owner), size);
  }

  // A dense tensor in new host memory, and the pointer to fill it by. REQUIRES:
  // the size does not overflow, and `type` is not BYTES.
  static std::pair<Tensor, std::byte*> Allocate(DataType type, Shape shape) {
    const std::optional<int64_t> size = SizeInBytes(type, shape);
    WEIR_CHECK(size.has_value() && type != DataType::kBytes,
               "a new tensor has a size");
    const auto count = static_cast<size_t>(*size);
    // Never null and aligned for every datatype, also when empty.
    std::shared_ptr<std::byte[]> memory(new std::byte[count + 1]);
    std::byte* data = memory.get();
    return {Tensor(type, std::move(shape), MemoryKind::kHost, {{data, count}},
                   std::move(memory), *size),
            data};
  }

  DataType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  MemoryKind memory() const { return memory_; }
  const Chunks& chunks() const { return chunks_; }
  int64_t size_bytes() const { return size_bytes_; }
  const std::shared_ptr<const void>& owner() const { return owner_; }

  // The length of dimension 0, which is the batch; 1 for a scalar.
  int64_t rows() const { return shape_.empty() ? 1 : shape_[0]; }

  // The bytes without a copy: nullptr where they lie in several chunks or are
  // not aligned to their element. A tensor of no bytes may have no address.
  const void* contiguous() const {
    if (chunks_.size() != 1) return nullptr;
    const int64_t alignment = Facts(type_).element_size_bytes;
    const auto address = reinterpret_cast<uintptr_t>(chunks_[0].data);
    if (alignment > 1 && address % static_cast<uintptr_t>(alignment) != 0) {
      return nullptr;
    }
    return chunks_[0].data;
  }

  // Copies all bytes to `target`, which has room for size_bytes().
  void CopyTo(std::byte* target) const {
    for (const Chunk& chunk : chunks_) {
      if (chunk.size > 0) std::memcpy(target, chunk.data, chunk.size);
      target += chunk.size;
    }
  }

  // Rows [begin, begin + count) of a one-chunk tensor, sharing its owner.
  // REQUIRES: one chunk, not BYTES, not a scalar, the rows exist.
  Tensor Rows(int64_t begin, int64_t count) const {
    WEIR_CHECK(chunks_.size() == 1 && type_ != DataType::kBytes &&
                   !shape_.empty() && begin >= 0 && count >= 0 &&
                   count <= rows() - begin,
               "a slice lies within a dense tensor");
    const int64_t row_bytes = rows() == 0 ? 0 : size_bytes_ / rows();
    Shape shape = shape_;
    shape[0] = count;
    const auto* data = static_cast<const std::byte*>(chunks_[0].data);
    return Tensor(
        type_, std::move(shape), memory_,
        {{data + begin * row_bytes, static_cast<size_t>(count * row_bytes)}},
        owner_, count * row_bytes);
  }

 private:
  Tensor(DataType type, Shape shape, MemoryKind memory, Chunks chunks,
         std::shared_ptr<const void> owner, int64_t size_bytes)
      : type_(type),
        memory_(memory),
        size_bytes_(size_bytes),
        shape_(std::move(shape)),
        chunks_(std::move(chunks)),
        owner_(std::move(owner)) {}

  DataType type_ = DataType::kFp32;
  MemoryKind memory_ = MemoryKind::kHost;
  int64_t size_bytes_ = 0;
  Shape shape_ = {0};
  Chunks chunks_ = {{nullptr, 0}};
  std::shared_ptr<const void> owner_;
};

struct NamedTensor {
  std::string name;
  Tensor tensor;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TENSOR_H_
