// ReadNpy: a tensor out of a file that numpy.save wrote.
//
//   WEIR_ASSIGN_OR_RETURN(InferTensor tensor, ReadNpy("x.npy"));
//
// Takes what travels as it lies: little-endian and C order, of BOOL, the
// integers and the floats. A text array is not among them: its elements have
// another form in numpy. The format is numpy's own, versions 1 to 3.
//
// Thread-safety: any thread.
// Ownership: values.
// Failure: NOT_FOUND where the file cannot be read; INVALID_ARGUMENT, with what
// to do about it, for all else. Nothing is allocated on the word of the header.
#ifndef WEIR_CLI_INFER_NPY_H_
#define WEIR_CLI_INFER_NPY_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "clients/cpp/tensor.h"

namespace weir {

// No message has room for more.
inline constexpr int64_t kInputBytesMax = (int64_t{1} << 31) - 1;

absl::StatusOr<InferTensor> ReadNpy(const std::string& path);

// The same, of a file's bytes.
absl::StatusOr<InferTensor> ParseNpy(absl::string_view bytes);

}  // namespace weir

#endif  // WEIR_CLI_INFER_NPY_H_
