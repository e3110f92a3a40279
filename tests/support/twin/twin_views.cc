#include "tests/support/twin/twin_views.h"

#include <ATen/core/List.h>
#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>

#include <cstring>
#include <utility>

#include "tests/support/twin/twin_device.h"

namespace weir {
namespace {

constexpr c10::DispatchKeySet kTwinKeys(c10::DispatchKey::PrivateUse1);
constexpr c10::DispatchKeySet kCpuKeys(c10::DispatchKey::CPU);

bool IsOnTwin(const at::Tensor& tensor) {
  return tensor.defined() && tensor.device().is_privateuseone();
}

c10::Storage MakeStorage(size_t nbytes, c10::DataPtr data,
                         c10::Allocator* allocator) {
  return c10::make_intrusive<c10::StorageImpl>(
      c10::StorageImpl::use_byte_size_t(), nbytes, std::move(data), allocator,
      /*resizable=*/true);
}

c10::Storage CopyToTwin(const c10::Storage& from) {
  c10::Allocator* allocator = c10::GetAllocator(c10::DeviceType::PrivateUse1);
  c10::DataPtr data = allocator->allocate(from.nbytes());
  if (from.nbytes() > 0) std::memcpy(data.get(), from.data(), from.nbytes());
  return MakeStorage(from.nbytes(), std::move(data), allocator);
}

void TakeShape(const at::Tensor& from, const at::Tensor& to) {
  to.unsafeGetTensorImpl()->set_sizes_and_strides(from.sizes(), from.strides(),
                                                  from.storage_offset());
}

// Maps the tensors that an IValue holds. A list is looked at element by
// element: isOptionalTensorList() does not know every Tensor?[] of TorchScript.
template <typename Map>
c10::IValue MapTensors(const c10::IValue& value, const Map& map) {
  if (value.isTensor()) return map(value.toTensor());
  if (!value.isList()) return value;
  const c10::impl::GenericList list = value.toList();
  c10::impl::GenericList mapped(list.elementType());
  for (const c10::IValue& element : list) {
    mapped.push_back(element.isTensor() ? c10::IValue(map(element.toTensor()))
                                        : element);
  }
  return mapped;
}

}  // namespace

void CheckTwinType(c10::ScalarType type) {
  TORCH_CHECK_TYPE(
      type != c10::ScalarType::Double ||
          !TwinDevice::Get().guise().refuses_fp64,
      "Cannot convert a TWIN Tensor to float64 dtype as the TWIN framework "
      "doesn't support float64. Please use float32 instead.");
}

c10::IValue TwinViews::OnCpu(const c10::IValue& argument) {
  if (argument.isDevice() && argument.toDevice().is_privateuseone()) {
    has_twin_ = true;
    return c10::Device(c10::DeviceType::CPU);
  }
  return MapTensors(argument, [this](const at::Tensor& t) { return OnCpu(t); });
}

at::Tensor TwinViews::OnCpu(const at::Tensor& tensor) {
  if (!IsOnTwin(tensor)) return tensor;
  has_twin_ = true;
  for (const Viewed& viewed : viewed_) {
    if (viewed.twin.is_same(tensor)) return viewed.cpu;
  }
  const c10::Storage& storage = tensor.storage();
  c10::Storage& on_cpu = on_cpu_[storage.unsafeGetStorageImpl()];
  if (!on_cpu) {
    on_cpu = MakeStorage(
        storage.nbytes(),
        c10::DataPtr(storage.mutable_data(), c10::Device(c10::kCPU)),
        c10::GetCPUAllocator());
    on_twin_[on_cpu.unsafeGetStorageImpl()] = storage;
  }
  at::Tensor cpu = at::detail::make_tensor<c10::TensorImpl>(
      c10::Storage(on_cpu), kCpuKeys, tensor.dtype());
  TakeShape(tensor, cpu);
  if (tensor.unsafeGetTensorImpl()->is_wrapped_number()) {
    cpu.unsafeGetTensorImpl()->set_wrapped_number(true);
  }
  viewed_.push_back({tensor, cpu, on_cpu, storage.data(), storage.nbytes()});
  return cpu;
}

c10::IValue TwinViews::OnTwin(const c10::IValue& result) {
  return MapTensors(result, [this](const at::Tensor& t) { return OnTwin(t); });
}

at::Tensor TwinViews::OnTwin(const at::Tensor& tensor) {
  if (!tensor.defined() || !tensor.device().is_cpu()) return tensor;
  c10::DispatchKeySet keys = kTwinKeys;
  bool is_view = false;
  for (const Viewed& viewed : viewed_) {
    if (viewed.cpu.is_same(tensor)) return viewed.twin;
    if (!viewed.storage.is_alias_of(tensor.storage())) continue;
    keys = viewed.twin.unsafeGetTensorImpl()->key_set();
    is_view = true;
  }
  CheckTwinType(tensor.scalar_type());
  c10::Storage storage = StorageOnTwin(tensor.storage());
  at::Tensor twin = is_view ? at::detail::make_tensor<c10::TensorImpl>(
                                  c10::TensorImpl::VIEW, std::move(storage),
                                  keys, tensor.dtype())
                            : at::detail::make_tensor<c10::TensorImpl>(
                                  std::move(storage), keys, tensor.dtype());
  TakeShape(tensor, twin);
  return twin;
}

c10::Storage TwinViews::StorageOnTwin(const c10::Storage& storage) {
  c10::Storage& on_twin = on_twin_[storage.unsafeGetStorageImpl()];
  if (!on_twin) {
    on_twin = CopyToTwin(storage);
    kept_.push_back(storage);
  }
  return on_twin;
}

void TwinViews::Finish() {
  for (const Viewed& viewed : viewed_) Finish(viewed);
}

void TwinViews::Finish(const Viewed& viewed) {
  const c10::Storage& now = viewed.cpu.storage();
  c10::TensorImpl* twin = viewed.twin.unsafeGetTensorImpl();
  if (!now.is_alias_of(viewed.storage)) {
    twin->set_storage_keep_dtype(StorageOnTwin(now));
  } else if (now.data() != viewed.data || now.nbytes() != viewed.nbytes) {
    const c10::Storage grown = CopyToTwin(now);
    c10::StorageImpl* storage = twin->storage().unsafeGetStorageImpl();
    storage->set_data_ptr_noswap(
        std::move(grown.unsafeGetStorageImpl()->_mutable_data_ptr_no_checks()));
    storage->set_nbytes(now.nbytes());
  }
  if (viewed.cpu.sizes() != viewed.twin.sizes() ||
      viewed.cpu.strides() != viewed.twin.strides() ||
      viewed.cpu.storage_offset() != viewed.twin.storage_offset()) {
    TakeShape(viewed.cpu, viewed.twin);
  }
}

}  // namespace weir
