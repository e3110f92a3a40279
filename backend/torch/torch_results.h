// TorchResults: the tensors in what forward() returned, by name.
//
//   absl::StatusOr<TorchResults> results =
//       TensorsOf(module.forward(arguments), names);
//
// forward() may return a tensor, or tuples, lists and dictionaries of tensors
// within each other; they are taken in the order in which they stand. `names`
// are the declared outputs:
//   a name that is a dictionary's key is that tensor, where one is returned;
//   `name__index` is the tensor at that place, where all have that form;
//   else names are given in order.
// Without names the tensors are called output__0 and so on, or by their keys.
//
// Thread-safety: a function of its arguments.
// Ownership: the tensors are shared.
// Failure: INTERNAL: something that is no tensor, or not what is declared.
#ifndef WEIR_BACKEND_TORCH_TORCH_RESULTS_H_
#define WEIR_BACKEND_TORCH_TORCH_RESULTS_H_

#include <string>
#include <vector>

#include "ATen/core/Tensor.h"
#include "ATen/core/ivalue.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"

namespace weir {

struct TorchResult {
  std::string name;
  at::Tensor tensor;
};

// Room in place for what most models return.
using TorchResults = absl::InlinedVector<TorchResult, 2>;

absl::StatusOr<TorchResults> TensorsOf(const c10::IValue& returned,
                                       const std::vector<std::string>& names);

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_RESULTS_H_
