#include "clients/cpp/datatype.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

namespace weir {
namespace {

// FP16: a sign, 5 bits of exponent, 10 of fraction.
constexpr uint32_t kFp16Sign = 0x8000;
constexpr uint32_t kFp16Infinity = 0x7C00;
constexpr uint32_t kFp16QuietNan = 0x7E00;
constexpr uint32_t kFp16Fraction = 0x03FF;
constexpr int kFp16FractionBits = 10;
// The smallest step of FP16 is 2^-24; its largest number rounds up from here.
constexpr int kFp16StepExponent = -24;
constexpr float kFp16Overflow = 65520.0F;
constexpr int kFp16ExponentMin = -14;

}  // namespace

float ToFloat(Fp16 half) {
  const uint32_t exponent = (half.bits & kFp16Infinity) >> kFp16FractionBits;
  const auto fraction = static_cast<float>(half.bits & kFp16Fraction);
  float magnitude = 0;
  if (exponent == kFp16Infinity >> kFp16FractionBits) {
    magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                              : std::numeric_limits<float>::quiet_NaN();
  } else if (exponent == 0) {
    magnitude = std::ldexp(fraction, kFp16StepExponent);
  } else {
    magnitude = std::ldexp(fraction + (1 << kFp16FractionBits),
                           kFp16StepExponent - 1 + static_cast<int>(exponent));
  }
  return (half.bits & kFp16Sign) != 0 ? -magnitude : magnitude;
}

float ToFloat(Bf16 half) {
  return std::bit_cast<float>(static_cast<uint32_t>(half.bits) << 16);
}

Fp16 ToFp16(float value) {
  const uint32_t sign = std::signbit(value) ? kFp16Sign : 0;
  const float magnitude = std::abs(value);
  uint32_t bits = 0;
  if (std::isnan(value)) {
    bits = kFp16QuietNan;
  } else if (magnitude >= kFp16Overflow) {
    bits = kFp16Infinity;
  } else if (magnitude > 0) {
    // How many steps of this binade, rounded to even as the processor does.
    // A sum with the exponent carries into it where the fraction is full.
    const int exponent = std::max(std::ilogb(magnitude), kFp16ExponentMin);
    const auto steps = static_cast<uint32_t>(
        std::nearbyint(std::ldexp(magnitude, kFp16FractionBits - exponent)));
    bits = (static_cast<uint32_t>(exponent - kFp16ExponentMin)
            << kFp16FractionBits) +
           steps;
  }
  return {.bits = static_cast<uint16_t>(sign | bits)};
}

Bf16 ToBf16(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if (std::isnan(value)) {
    // Made quiet, for a NaN whose payload lies in the bits that go is no NaN.
    return {.bits = static_cast<uint16_t>((bits >> 16) | 0x40)};
  }
  const uint32_t to_even = 0x7FFF + ((bits >> 16) & 1);
  return {.bits = static_cast<uint16_t>((bits + to_even) >> 16)};
}

std::optional<size_t> ElementBytes(absl::string_view datatype) {
  return VisitDatatype(datatype, [](const auto& element) {
    using Element = std::decay_t<decltype(element)>;
    const bool has_any_length = std::is_same_v<Element, std::string>;
    return std::optional<size_t>(has_any_length ? 0 : sizeof(Element));
  });
}

}  // namespace weir
