#include "backend/torch/torch_instance.h"

#include <utility>

namespace weir {
namespace {

// Attributes may nest (a list in a dictionary in a module); none does as deep.
constexpr int kDepthMax = 64;

using TensorVisitor = absl::FunctionRef<void(const at::Tensor&)>;

void VisitValue(const c10::IValue& value, int depth, TensorVisitor visitor) {
  if (depth > kDepthMax) return;
  if (value.isTensor()) {
    visitor(value.toTensor());
  } else if (value.isObject()) {
    for (const c10::IValue& slot : value.toObjectRef().slots()) {
      VisitValue(slot, depth + 1, visitor);
    }
  } else if (value.isTuple()) {
    for (const c10::IValue& element : value.toTupleRef().elements()) {
      VisitValue(element, depth + 1, visitor);
    }
  } else if (value.isList()) {
    for (const c10::IValue& element : value.toListRef()) {
      VisitValue(element, depth + 1, visitor);
    }
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      VisitValue(entry.value(), depth + 1, visitor);
    }
  }
}

const void* StorageOf(const at::Tensor& tensor) {
  return tensor.defined() && tensor.has_storage()
             ? tensor.storage().unsafeGetStorageImpl()
             : nullptr;
}

}  // namespace

void ForEachTensor(const torch::jit::Module& module, TensorVisitor visitor) {
  VisitValue(module._ivalue(), 0, visitor);
}

TorchInstance::TorchInstance(torch::jit::Module module)
    : module_(std::move(module)),
      forward_(module_.get_method("forward").function()) {
  ForEachTensor(module_, [&](const at::Tensor& tensor) {
    if (const void* storage = StorageOf(tensor)) storages_.insert(storage);
  });
}

bool TorchInstance::Holds(const at::Tensor& tensor) const {
  return storages_.contains(StorageOf(tensor));
}

}  // namespace weir
