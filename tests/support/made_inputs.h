// MadeInputs: the inputs of a request, made up from what a model declares.
//
//   const std::vector<NamedTensor> inputs =
//       MadeInputs(model.signature(), /*rows=*/3, /*seed=*/7);
//
// Another seed gives other values; the same one the same, on any machine.
// Floats lie in [-1, 1), integers within their declared values, or 0 to 99.
//
// Thread-safety: pure.
// Ownership: the tensors own their memory.
// Failure: dies of a datatype that is none of FP32, FP64, INT32, INT64.
#ifndef WEIR_TESTS_SUPPORT_MADE_INPUTS_H_
#define WEIR_TESTS_SUPPORT_MADE_INPUTS_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "backend/model.h"
#include "backend/tensor.h"
#include "sync/check.h"
#include "tests/support/tensors.h"

namespace weir {
namespace internal {

// Not the standard's distributions: they differ between libraries.
template <typename Float>
Tensor MadeFloats(DataType type, const Shape& shape, std::mt19937& random) {
  std::vector<Float> values(static_cast<size_t>(*NumElements(shape)));
  for (Float& value : values) {
    const auto drawn = static_cast<double>(random());
    value = static_cast<Float>(drawn / 2147483648.0 - 1);
  }
  return TensorOf(type, shape, values);
}

template <typename Integer>
Tensor MadeIntegers(DataType type, const Shape& shape, const ValueRange& range,
                    std::mt19937& random) {
  std::vector<Integer> values(static_cast<size_t>(*NumElements(shape)));
  const auto width = static_cast<uint64_t>(range.high - range.low) + 1;
  for (Integer& value : values) {
    value = static_cast<Integer>(range.low +
                                 static_cast<int64_t>(random() % width));
  }
  return TensorOf(type, shape, values);
}

}  // namespace internal

inline Tensor MadeTensor(const TensorSpec& spec, int64_t rows,
                         std::mt19937& random) {
  Shape shape = spec.shape;
  for (int64_t& dimension : shape) {
    if (dimension < 0) dimension = rows;
  }
  const ValueRange range = spec.values.value_or(ValueRange{0, 99});
  switch (spec.type) {
    case DataType::kFp32:
      return internal::MadeFloats<float>(spec.type, shape, random);
    case DataType::kFp64:
      return internal::MadeFloats<double>(spec.type, shape, random);
    case DataType::kInt32:
      return internal::MadeIntegers<int32_t>(spec.type, shape, range, random);
    case DataType::kInt64:
      return internal::MadeIntegers<int64_t>(spec.type, shape, range, random);
    default:
      internal::CheckFailed(__FILE__, __LINE__, "a datatype that is made",
                            "tests make up few datatypes");
  }
}

inline std::vector<NamedTensor> MadeInputs(const ModelSignature& signature,
                                           int64_t rows, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<NamedTensor> inputs;
  for (const TensorSpec& spec : signature.inputs) {
    inputs.push_back({spec.name, MadeTensor(spec, rows, random)});
  }
  return inputs;
}

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_MADE_INPUTS_H_
