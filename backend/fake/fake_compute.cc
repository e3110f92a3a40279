#include "backend/fake/fake_compute.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "config/status_macros.h"

namespace weir {
namespace {

using Request = absl::Span<const NamedTensor>;

// A tensor in new host memory, BYTES included.
std::pair<absl::StatusOr<Tensor>, std::byte*> NewTensor(DataType type,
                                                        Shape shape,
                                                        int64_t size) {
  const auto count = static_cast<size_t>(size);
  auto memory = std::make_shared<std::vector<std::byte>>(count + 1);
  std::byte* data = memory->data();
  return {Tensor::View(type, std::move(shape), MemoryKind::kHost,
                       {{data, count}}, std::move(memory)),
          data};
}

absl::StatusOr<Tensor> GatherInput(const BatchInputs& inputs, size_t input) {
  const Tensor& first = inputs.requests[0][input].tensor;
  Shape shape = first.shape();
  int64_t size = 0;
  int64_t rows = 0;
  for (const Request& request : inputs.requests) {
    rows += request[input].tensor.rows();
    size += request[input].tensor.size_bytes();
  }
  if (!shape.empty()) shape[0] = rows;
  auto [tensor, target] = NewTensor(first.type(), std::move(shape), size);
  if (!tensor.ok()) return tensor;
  for (const Request& request : inputs.requests) {
    request[input].tensor.CopyTo(target);
    target += request[input].tensor.size_bytes();
  }
  return tensor;
}

template <typename Element>
absl::Span<const Element> Elements(const Tensor& tensor) {
  return {static_cast<const Element*>(tensor.contiguous()),
          static_cast<size_t>(tensor.size_bytes()) / sizeof(Element)};
}

template <typename Element>
Tensor Affine(const FakeScript& script, const Tensor& input) {
  auto [output, target] = Tensor::Allocate(input.type(), input.shape());
  auto* y = reinterpret_cast<Element*>(target);
  for (const Element x : Elements<Element>(input)) {
    *y++ = static_cast<Element>(script.scale) * x +
           static_cast<Element>(script.offset);
  }
  return output;
}

template <typename Element>
Tensor RowSum(const Tensor& input) {
  auto [output, target] = Tensor::Allocate(input.type(), {input.rows(), 1});
  auto* y = reinterpret_cast<Element*>(target);
  const absl::Span<const Element> x = Elements<Element>(input);
  const size_t rows = static_cast<size_t>(input.rows());
  const size_t width = rows == 0 ? 0 : x.size() / rows;
  for (size_t row = 0; row < rows; ++row) {
    y[row] = Element{0};
    for (const Element element : x.subspan(row * width, width)) {
      y[row] += element;
    }
  }
  return output;
}

template <typename Element>
Tensor Compute(const FakeScript& script, const Tensor& input) {
  return script.compute == FakeCompute::kAffine ? Affine<Element>(script, input)
                                                : RowSum<Element>(input);
}

template <typename Element>
bool Holds(const Tensor& tensor, double value) {
  const auto elements = Elements<Element>(tensor);
  return std::find(elements.begin(), elements.end(),
                   static_cast<Element>(value)) != elements.end();
}

}  // namespace

absl::StatusOr<std::vector<Tensor>> GatherFakeInputs(
    const BatchInputs& inputs) {
  std::vector<Tensor> gathered;
  gathered.reserve(inputs.requests[0].size());
  for (size_t input = 0; input < inputs.requests[0].size(); ++input) {
    WEIR_ASSIGN_OR_RETURN(Tensor tensor, GatherInput(inputs, input));
    gathered.push_back(std::move(tensor));
  }
  return gathered;
}

absl::StatusOr<Tensor> ComputeFakeOutput(const FakeScript& script,
                                         const Tensor& input) {
  if (script.compute == FakeCompute::kIdentity) return input;
  if (input.type() == DataType::kFp32) return Compute<float>(script, input);
  if (input.type() == DataType::kInt64) return Compute<int64_t>(script, input);
  return absl::InvalidArgumentError(
      absl::StrCat("the model computes FP32 and INT64 alone, got ",
                   std::string(Facts(input.type()).name)));
}

bool HoldsValue(const Tensor& tensor, double value) {
  if (tensor.type() == DataType::kFp32) return Holds<float>(tensor, value);
  if (tensor.type() == DataType::kInt64) return Holds<int64_t>(tensor, value);
  return false;
}

Tensor CorruptFakeOutput(const Tensor& tensor) {
  const int64_t size = tensor.size_bytes();
  auto [corrupted, data] = NewTensor(tensor.type(), tensor.shape(), size);
  if (size == 0 || !corrupted.ok()) return tensor;
  tensor.CopyTo(data);
  data[0] ^= std::byte{1};
  return *std::move(corrupted);
}

}  // namespace weir
