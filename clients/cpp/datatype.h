// The datatypes of the Open Inference Protocol, and C++'s types for them.
//
//   DatatypeOf<float>::kName        // "FP32"
//   *ElementBytes("INT64")          // 8
//   ToFloat(Fp16{0x3C00})           // 1.0F
//
// FP16 and BF16 have no type in C++: Fp16 and Bf16 hold their bits. BYTES are
// std::string, each with any bytes in it. BOOL is uint8_t-sized on the wire and
// bool here.
//
// Thread-safety: pure functions of values.
// Ownership: values.
// Failure: a datatype that the protocol does not have has no ElementBytes.
#ifndef WEIR_CLIENTS_CPP_DATATYPE_H_
#define WEIR_CLIENTS_CPP_DATATYPE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace weir {

struct Fp16 {
  uint16_t bits = 0;
  bool operator==(const Fp16&) const = default;
};

struct Bf16 {
  uint16_t bits = 0;
  bool operator==(const Bf16&) const = default;
};

// Exact: each value of both is a float.
float ToFloat(Fp16 half);
float ToFloat(Bf16 half);
// The nearest value, the even one of two; past the largest it is infinity.
Fp16 ToFp16(float value);
Bf16 ToBf16(float value);

// How many bytes an element takes; 0 for BYTES, whose elements have any length.
// Nothing where the protocol has no such datatype.
std::optional<size_t> ElementBytes(absl::string_view datatype);

// The datatype that a C++ type is. Others have none, and do not compile.
template <typename Element>
struct DatatypeOf;

// clang-format off
template <> struct DatatypeOf<bool> { static constexpr char kName[] = "BOOL"; };
template <> struct DatatypeOf<uint8_t> { static constexpr char kName[] = "UINT8"; };
template <> struct DatatypeOf<uint16_t> { static constexpr char kName[] = "UINT16"; };
template <> struct DatatypeOf<uint32_t> { static constexpr char kName[] = "UINT32"; };
template <> struct DatatypeOf<uint64_t> { static constexpr char kName[] = "UINT64"; };
template <> struct DatatypeOf<int8_t> { static constexpr char kName[] = "INT8"; };
template <> struct DatatypeOf<int16_t> { static constexpr char kName[] = "INT16"; };
template <> struct DatatypeOf<int32_t> { static constexpr char kName[] = "INT32"; };
template <> struct DatatypeOf<int64_t> { static constexpr char kName[] = "INT64"; };
template <> struct DatatypeOf<Fp16> { static constexpr char kName[] = "FP16"; };
template <> struct DatatypeOf<Bf16> { static constexpr char kName[] = "BF16"; };
template <> struct DatatypeOf<float> { static constexpr char kName[] = "FP32"; };
template <> struct DatatypeOf<double> { static constexpr char kName[] = "FP64"; };
template <> struct DatatypeOf<std::string> { static constexpr char kName[] = "BYTES"; };
// clang-format on

// Calls `visit` with a value of the C++ type of the datatype and returns what
// it returns, which must be constructible from nothing for an unknown one.
template <typename Visit>
auto VisitDatatype(absl::string_view datatype, const Visit& visit) {
  if (datatype == "BOOL") return visit(bool());
  if (datatype == "UINT8") return visit(uint8_t());
  if (datatype == "UINT16") return visit(uint16_t());
  if (datatype == "UINT32") return visit(uint32_t());
  if (datatype == "UINT64") return visit(uint64_t());
  if (datatype == "INT8") return visit(int8_t());
  if (datatype == "INT16") return visit(int16_t());
  if (datatype == "INT32") return visit(int32_t());
  if (datatype == "INT64") return visit(int64_t());
  if (datatype == "FP16") return visit(Fp16());
  if (datatype == "BF16") return visit(Bf16());
  if (datatype == "FP32") return visit(float());
  if (datatype == "FP64") return visit(double());
  if (datatype == "BYTES") return visit(std::string());
  return decltype(visit(bool()))();
}

}  // namespace weir

#endif  // WEIR_CLIENTS_CPP_DATATYPE_H_
