// Difference: where two answers differ, to the bit or beyond a tolerance.
//
//   EXPECT_EQ(Difference(*result.outputs, alone), "");
//   EXPECT_EQ(DifferenceByRequest(*batch.outputs, {first, second}), "");
//
// Thread-safety: pure.
// Ownership: none.
// Failure: none; the tolerance is for FP32, the rest must be the same.
#ifndef WEIR_TESTS_SUPPORT_OUTPUT_DIFFERENCE_H_
#define WEIR_TESTS_SUPPORT_OUTPUT_DIFFERENCE_H_

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "backend/model.h"
#include "tests/support/tensors.h"

namespace weir {

// Absolute, and relative to the value wanted.
inline constexpr double kOutputTolerance = 1e-5;

namespace internal {

inline std::string Describe(const NamedTensor& output) {
  return absl::StrCat(output.name, " ",
                      std::string(Facts(output.tensor.type()).name), " [",
                      absl::StrJoin(output.tensor.shape(), ","), "]");
}

inline bool IsNear(float got, float wanted) {
  return std::abs(got - wanted) <=
         kOutputTolerance +
             kOutputTolerance * std::abs(static_cast<double>(wanted));
}

// Values that come out of several tensors, one after the other.
template <typename Element>
std::vector<Element> Joined(const std::vector<Outputs>& answers,
                            size_t output) {
  std::vector<Element> joined;
  for (const Outputs& answer : answers) {
    const auto part = ValuesOf<Element>(answer.at(output).tensor);
    joined.insert(joined.end(), part.begin(), part.end());
  }
  return joined;
}

}  // namespace internal

// Empty where the outputs are the same to the bit, else where they differ.
inline std::string Difference(const Outputs& got, const Outputs& wanted) {
  if (got.size() != wanted.size()) return "another number of outputs";
  for (size_t i = 0; i < got.size(); ++i) {
    if (internal::Describe(got[i]) != internal::Describe(wanted[i])) {
      return absl::StrCat("got ", internal::Describe(got[i]), ", alone ",
                          internal::Describe(wanted[i]));
    }
    const auto bytes = ValuesOf<uint8_t>(got[i].tensor);
    const auto bytes_wanted = ValuesOf<uint8_t>(wanted[i].tensor);
    for (size_t at = 0; at < bytes.size(); ++at) {
      if (bytes[at] != bytes_wanted[at]) {
        return absl::StrCat(internal::Describe(got[i]), " differs from byte ",
                            at);
      }
    }
  }
  return "";
}

// Empty where each request's rows are, within the tolerance, what it was told
// alone.
inline std::string DifferenceByRequest(const Outputs& batch,
                                       const std::vector<Outputs>& alone) {
  for (size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].tensor.type() != DataType::kFp32) {
      if (ValuesOf<uint8_t>(batch[i].tensor) !=
          internal::Joined<uint8_t>(alone, i)) {
        return absl::StrCat(internal::Describe(batch[i]), " differs");
      }
      continue;
    }
    const std::vector<float> got = Floats(batch[i].tensor);
    const std::vector<float> wanted = internal::Joined<float>(alone, i);
    if (got.size() != wanted.size()) return "another number of values";
    for (size_t at = 0; at < got.size(); ++at) {
      if (!internal::IsNear(got[at], wanted[at])) {
        return absl::StrCat(internal::Describe(batch[i]), ": value ", at,
                            " is ", got[at], ", alone ", wanted[at]);
      }
    }
  }
  return "";
}

}  // namespace weir

#endif  // WEIR_TESTS_SUPPORT_OUTPUT_DIFFERENCE_H_
