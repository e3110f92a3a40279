#include "backend/self_test_inputs.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "config/status_macros.h"

namespace weir {
namespace {

// SplitMix64. The standard library's distributions differ between its makers.
class Dice {
 public:
  explicit Dice(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15U;
    uint64_t z = state_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  // Both ends belong to it.
  int64_t Within(ValueRange range) {
    const uint64_t span =
        static_cast<uint64_t>(range.high) - static_cast<uint64_t>(range.low);
    const uint64_t offset = span == std::numeric_limits<uint64_t>::max()
                                ? Next()
                                : Next() % (span + 1);
    return static_cast<int64_t>(static_cast<uint64_t>(range.low) + offset);
  }
  double Unit() {
    return static_cast<double>(static_cast<int64_t>(Next() >> 11U)) * 0x1p-52 -
           1;
  }

 private:
  uint64_t state_;
};

template <typename Element>
void Put(std::byte* target, Element element) {
  std::memcpy(target, &element, sizeof(element));
}

// An integer of `size` bytes: the low ones, in this machine's order.
void PutInteger(std::byte* target, int64_t size_bytes, int64_t value) {
  switch (size_bytes) {
    case 1:
      return Put(target, static_cast<int8_t>(value));
    case 2:
      return Put(target, static_cast<int16_t>(value));
    case 4:
      return Put(target, static_cast<int32_t>(value));
    default:
      return Put(target, value);
  }
}

void PutElement(const TensorSpec& spec, Dice& dice, std::byte* target) {
  switch (spec.type) {
    case DataType::kFp64:
      return Put(target, dice.Unit());
    case DataType::kFp32:
      return Put(target, static_cast<float>(dice.Unit()));
    case DataType::kBf16: {
      // The upper half of a float.
      const auto value = static_cast<float>(dice.Unit());
      uint32_t bits = 0;
      std::memcpy(&bits, &value, sizeof(bits));
      return Put(target, static_cast<uint16_t>(bits >> 16U));
    }
    case DataType::kFp16:
      // Any sign and fraction with the exponent of 0.5.
      return Put(target,
                 static_cast<uint16_t>((dice.Next() & 0x83ffU) | 0x3800U));
    case DataType::kBool:
      return Put(target, static_cast<uint8_t>(dice.Next() & 1U));
    default:
      return PutInteger(target, Facts(spec.type).element_size_bytes,
                        dice.Within(spec.values.value_or(ValueRange{0, 9})));
  }
}

Shape ShapeOf(const TensorSpec& spec, int64_t rows) {
  Shape shape = spec.shape;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 0) shape[i] = i == 0 ? rows : kSelfTestLength;
  }
  return shape;
}

// The bytes of all inputs, if they can be made.
absl::Status Check(const ModelSignature& signature, int64_t rows) {
  if (signature.inputs.empty()) {
    return absl::InvalidArgumentError("it declares no inputs");
  }
  int64_t bytes = 0;
  for (const TensorSpec& spec : signature.inputs) {
    if (spec.type == DataType::kBytes) {
      return absl::InvalidArgumentError(
          absl::StrCat("its input ", spec.name, " is of datatype BYTES"));
    }
    const std::optional<int64_t> size =
        SizeInBytes(spec.type, ShapeOf(spec, rows));
    if (!size.has_value() || __builtin_add_overflow(bytes, *size, &bytes) ||
        bytes > kSelfTestInputBytesMax) {
      return absl::InvalidArgumentError(
          absl::StrCat("its inputs pass ", kSelfTestInputBytesMax / kMebibyte,
                       "MiB at ", rows, " rows"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<int64_t> SelfTestRows(const ModelConfig& config) {
  std::vector<int64_t> rows(config.warm_up.begin(), config.warm_up.end());
  if (rows.empty()) rows.push_back(1);
  return rows;
}

absl::StatusOr<std::vector<NamedTensor>> MakeSelfTestInputs(
    const ModelSignature& signature, int64_t rows, uint64_t seed) {
  WEIR_RETURN_IF_ERROR(Check(signature, rows));
  Dice dice(seed);
  std::vector<NamedTensor> inputs;
  for (const TensorSpec& spec : signature.inputs) {
    auto [tensor, data] = Tensor::Allocate(spec.type, ShapeOf(spec, rows));
    const int64_t size_bytes = Facts(spec.type).element_size_bytes;
    for (int64_t at = 0; at < tensor.size_bytes(); at += size_bytes) {
      PutElement(spec, dice, data + at);
    }
    inputs.push_back({spec.name, std::move(tensor)});
  }
  return inputs;
}

}  // namespace weir
