// BatchInputs: the inputs of the requests that run together.
//
//   BatchInputs inputs;
//   inputs.requests.push_back(request.inputs);
//   inputs.rows += request.rows;
//   absl::Status status = CheckBatchInputs(model.signature(), inputs);
//
// Thread-safety: a value; borrows the tensors.
// Ownership: none; the requests outlive it.
// Failure: CheckBatchInputs gives INVALID_ARGUMENT.
#ifndef WEIR_BACKEND_BATCH_INPUTS_H_
#define WEIR_BACKEND_BATCH_INPUTS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "backend/signature.h"
#include "backend/tensor.h"

namespace weir {

// The inputs of the requests that run together, each as it arrived: the backend
// gathers them, so that there is one copy from the wire to its memory. All
// requests carry the same inputs in the same order.
struct BatchInputs {
  std::vector<absl::Span<const NamedTensor>> requests = {};
  int64_t rows = 0;  // of all requests
};

namespace internal {

inline bool Fits(const Shape& declared, const Shape& shape) {
  if (declared.size() != shape.size()) return false;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (declared[i] >= 0 && declared[i] != shape[i]) return false;
  }
  return true;
}

inline absl::Status CheckDeclared(const std::vector<TensorSpec>& specs,
                                  absl::Span<const NamedTensor> request) {
  if (request.size() != specs.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("wrong number of inputs: expected ", specs.size(),
                     ", got ", request.size()));
  }
  for (size_t i = 0; i < specs.size(); ++i) {
    if (request[i].name != specs[i].name ||
        request[i].tensor.type() != specs[i].type ||
        !Fits(specs[i].shape, request[i].tensor.shape())) {
      return absl::InvalidArgumentError(
          absl::StrCat("not what the model declares: input ", specs[i].name));
    }
  }
  return absl::OkStatus();
}

// All but dimension 0 are the same.
inline bool Stacks(const Tensor& first, const Tensor& other) {
  const Shape& a = first.shape();
  const Shape& b = other.shape();
  return first.type() == other.type() && !a.empty() && a.size() == b.size() &&
         std::equal(a.begin() + 1, a.end(), b.begin() + 1);
}

inline absl::Status CheckStacks(absl::Span<const NamedTensor> first,
                                absl::Span<const NamedTensor> other) {
  if (first.size() != other.size()) {
    return absl::InvalidArgumentError("the requests' inputs differ in number");
  }
  for (size_t i = 0; i < first.size(); ++i) {
    if (first[i].name != other[i].name ||
        !Stacks(first[i].tensor, other[i].tensor)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the requests cannot run together: input ", first[i].name));
    }
  }
  return absl::OkStatus();
}

}  // namespace internal

// OK where each request carries what the signature declares; with no declared
// inputs, where all carry the same. A backend checks what it is given even
// though admission has: a wrong shape would be a fault of the device.
inline absl::Status CheckBatchInputs(const ModelSignature& signature,
                                     const BatchInputs& inputs) {
  if (inputs.requests.empty()) {
    return absl::InvalidArgumentError("a batch of no requests");
  }
  for (const absl::Span<const NamedTensor> request : inputs.requests) {
    if (!signature.inputs.empty()) {
      absl::Status status = internal::CheckDeclared(signature.inputs, request);
      if (!status.ok()) return status;
    }
    if (inputs.requests.size() > 1) {
      absl::Status status = internal::CheckStacks(inputs.requests[0], request);
      if (!status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace weir

#endif  // WEIR_BACKEND_BATCH_INPUTS_H_
