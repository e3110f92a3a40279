// The datatypes of the protocol in libtorch's words, and back.
//
//   std::optional<at::ScalarType> type = ScalarTypeOf(DataType::kFp32);
//
// Thread-safety: functions of their arguments.
// Ownership: none.
// Failure: nothing for BYTES, which libtorch does not have, and for scalar
// types that the protocol does not have (complex, quantised and the like).
#ifndef WEIR_BACKEND_TORCH_TORCH_DATATYPE_H_
#define WEIR_BACKEND_TORCH_TORCH_DATATYPE_H_

#include <array>
#include <optional>
#include <utility>

#include "backend/tensor.h"
#include "c10/core/ScalarType.h"

namespace weir {

inline constexpr std::array<std::pair<DataType, c10::ScalarType>, 13>
    kTorchDatatypes = {{
        {DataType::kBool, c10::ScalarType::Bool},
        {DataType::kUint8, c10::ScalarType::Byte},
        {DataType::kUint16, c10::ScalarType::UInt16},
        {DataType::kUint32, c10::ScalarType::UInt32},
        {DataType::kUint64, c10::ScalarType::UInt64},
        {DataType::kInt8, c10::ScalarType::Char},
        {DataType::kInt16, c10::ScalarType::Short},
        {DataType::kInt32, c10::ScalarType::Int},
        {DataType::kInt64, c10::ScalarType::Long},
        {DataType::kFp16, c10::ScalarType::Half},
        {DataType::kBf16, c10::ScalarType::BFloat16},
        {DataType::kFp32, c10::ScalarType::Float},
        {DataType::kFp64, c10::ScalarType::Double},
    }};

inline std::optional<c10::ScalarType> ScalarTypeOf(DataType type) {
  for (const auto& [ours, theirs] : kTorchDatatypes) {
    if (ours == type) return theirs;
  }
  return std::nullopt;
}

inline std::optional<DataType> DataTypeOf(c10::ScalarType type) {
  for (const auto& [ours, theirs] : kTorchDatatypes) {
    if (theirs == type) return ours;
  }
  return std::nullopt;
}

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_DATATYPE_H_
