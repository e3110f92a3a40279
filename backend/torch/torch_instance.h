// TorchInstance: a module on its device, ready to be run.
//
//   TorchInstance instance(module.deepcopy(device));
//   instance.Forward(arguments, tensors);
//   if (instance.Holds(tensor)) tensor = tensor.clone();
//
// Thread-safety: const access; Forward by several threads at once where the
// module does not write to itself.
// Ownership: holds the module.
// Failure: the constructor throws what libtorch throws for a module that has no
// forward().
#ifndef WEIR_BACKEND_TORCH_TORCH_INSTANCE_H_
#define WEIR_BACKEND_TORCH_TORCH_INSTANCE_H_

#include <unordered_set>

#include "ATen/core/Tensor.h"
#include "absl/functional/function_ref.h"
#include "backend/torch/torch_arguments.h"
#include "torch/csrc/jit/api/module.h"

namespace weir {

// Calls `visitor` with each tensor that an attribute of the module, or of a
// module within it, holds: parameters, buffers, and what lies in lists, tuples
// and dictionaries.
void ForEachTensor(const torch::jit::Module& module,
                   absl::FunctionRef<void(const at::Tensor&)> visitor);

class TorchInstance {
 public:
  explicit TorchInstance(torch::jit::Module module);

  const c10::FunctionSchema& schema() const { return forward_.getSchema(); }

  // Calls forward(). Throws what libtorch throws.
  c10::IValue Forward(const TorchArguments& arguments,
                      at::ArrayRef<at::Tensor> tensors) {
    return forward_(arguments.Bind(module_._ivalue(), tensors));
  }

  // Whether the tensor shares memory with an attribute.
  bool Holds(const at::Tensor& tensor) const;

 private:
  torch::jit::Module module_;
  // Not a Method, which makes a Module of its owner at each call.
  torch::jit::Function& forward_;
  std::unordered_set<const void*> storages_;
};

}  // namespace weir

#endif  // WEIR_BACKEND_TORCH_TORCH_INSTANCE_H_
