// TensorOfJson: a tensor written as a JSON array, nested as its shape is.
//
//   TensorOfJson("[[1, 2], [3, 4]]", "FP32")     // FP32 [2,2]
//   TensorOfJson("[\"a\", \"b\"]", "BYTES")      // BYTES [2]
//
// Integers are exact to 64 bits. NaN, Infinity and -Infinity are floats, as
// Python's json has them. It is read by the configuration's YAML reader, for
// JSON's arrays are YAML's: what is YAML's alone, such as a comment, is not
// refused.
//
// Thread-safety: a pure function.
// Ownership: values.
// Failure: INVALID_ARGUMENT, which names the element. At most 65,536 elements
// and lists: larger tensors come from files.
#ifndef WEIR_CLI_INFER_JSON_H_
#define WEIR_CLI_INFER_JSON_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/tensor.h"

namespace weir {

absl::StatusOr<InferTensor> TensorOfJson(absl::string_view text,
                                         absl::string_view datatype);

}  // namespace weir

#endif  // WEIR_CLI_INFER_JSON_H_
