#include "backend/torch/torch_run.h"

#include <utility>

#include "ATen/Functions.h"
#include "absl/strings/str_cat.h"
#include "backend/torch/torch_datatype.h"
#include "backend/torch/torch_scope.h"
#include "c10/util/DimVector.h"
#include "c10/util/SmallVector.h"
#include "config/status_macros.h"

namespace weir {
namespace {

using Sizes = c10::DimVector;

// The inputs that a run has room for without allocating.
constexpr unsigned kInputsInPlace = 4;

// The shape of the gathered tensor.
Sizes GatheredSizes(const BatchInputs& inputs, size_t input) {
  const Shape& shape = inputs.requests[0][input].tensor.shape();
  Sizes sizes(shape.begin(), shape.end());
  if (inputs.requests.size() > 1) sizes[0] = inputs.rows;
  return sizes;
}

void CopyAll(const BatchInputs& inputs, size_t input, std::byte* target) {
  for (const auto& request : inputs.requests) {
    request[input].tensor.CopyTo(target);
    target += request[input].tensor.size_bytes();
  }
}

// The tensor's memory as libtorch's, which holds its owner from then on.
at::Tensor ViewOf(const Tensor& tensor, const void* data, const Sizes& sizes,
                  at::ScalarType type) {
  using Owner = std::shared_ptr<const void>;
  // A model that writes to its inputs does not come here.
  return at::for_blob(const_cast<void*>(data), sizes)
      .context(new Owner(tensor.owner()),
               [](void* owner) { delete static_cast<Owner*>(owner); })
      .options(at::TensorOptions().dtype(type))
      .make_tensor();
}

}  // namespace

absl::StatusOr<Outputs> TorchRun::Do(WaitPace& pace) {
  const TorchScope scope(slot_);
  const TimePoint begin = plan_.clock.Now();
  const size_t num_inputs = inputs_.requests[0].size();
  c10::SmallVector<at::Tensor, kInputsInPlace> tensors;
  tensors.reserve(num_inputs);
  for (size_t i = 0; i < num_inputs; ++i) tensors.push_back(Gather(i));
  const TimePoint gathered = plan_.clock.Now();
  stats_.gather = gathered - begin;
  WEIR_ASSIGN_OR_RETURN(TorchResults results, Forward(tensors));
  tensors.clear();
  Outputs outputs;
  outputs.reserve(results.size());
  for (TorchResult& result : results) {
    WEIR_ASSIGN_OR_RETURN(NamedTensor output, Answer(std::move(result)));
    outputs.push_back(std::move(output));
  }
  plan_.device.Wait(slot_, &pace);
  stats_.run = plan_.clock.Now() - gathered;
  return outputs;
}

at::Tensor TorchRun::Gather(size_t input) {
  return plan_.device.is_host() ? GatherOnHost(input) : GatherOnDevice(input);
}

at::Tensor TorchRun::GatherOnHost(size_t input) const {
  const Tensor& first = inputs_.requests[0][input].tensor;
  const Sizes sizes = GatheredSizes(inputs_, input);
  const at::ScalarType type = *ScalarTypeOf(first.type());
  const void* data = first.contiguous();
  if (inputs_.requests.size() == 1 && data != nullptr &&
      !plan_.writes_to_inputs) {
    return ViewOf(first, data, sizes, type);
  }
  at::Tensor gathered = at::empty(sizes, at::TensorOptions().dtype(type));
  CopyAll(inputs_, input, static_cast<std::byte*>(gathered.mutable_data_ptr()));
  return gathered;
}

at::Tensor TorchRun::GatherOnDevice(size_t input) {
  const Tensor& first = inputs_.requests[0][input].tensor;
  const Sizes sizes = GatheredSizes(inputs_, input);
  const at::ScalarType type = *ScalarTypeOf(first.type());
  const auto options = at::TensorOptions().dtype(type);
  at::Tensor gathered =
      at::empty(sizes, options.device(plan_.device.torch_device()));
  if (gathered.nbytes() == 0) return gathered;
  TorchStaging& staging = plan_.device.staging();
  if (inputs_.requests.size() == 1 && first.contiguous() != nullptr &&
      first.memory() == MemoryKind::kPinned) {
    gathered.copy_(ViewOf(first, first.contiguous(), sizes, type),
                   staging.pins());
    return gathered;
  }
  staged_.push_back(
      staging.Take(gathered.nbytes(), {slot_.index(), StagingUse::kInput}));
  std::byte* block = staged_.back().get();
  CopyAll(inputs_, input, block);
  gathered.copy_(at::from_blob(block, sizes, options), staging.pins());
  return gathered;
}

absl::StatusOr<TorchResults> TorchRun::Forward(
    at::ArrayRef<at::Tensor> tensors) const {
  if (plan_.arguments.has_value()) {
    return TensorsOf(instance_.Forward(*plan_.arguments, tensors),
                     plan_.output_names);
  }
  std::vector<std::string> names;
  for (const NamedTensor& input : inputs_.requests[0]) {
    names.push_back(input.name);
  }
  WEIR_ASSIGN_OR_RETURN(const TorchArguments arguments,
                        TorchArguments::Match(instance_.schema(), names));
  return TensorsOf(instance_.Forward(arguments, tensors), plan_.output_names);
}

absl::StatusOr<NamedTensor> TorchRun::Answer(TorchResult result) {
  const auto type = result.tensor.defined()
                        ? DataTypeOf(result.tensor.scalar_type())
                        : std::nullopt;
  if (!type.has_value() || result.tensor.layout() != at::kStrided) {
    return absl::InternalError(
        absl::StrCat("model \"", plan_.model_name, "\": output \"", result.name,
                     "\" is nothing that the protocol has a datatype for"));
  }
  // A model may itself have told the device to copy to the host.
  if (result.tensor.is_cpu()) plan_.device.Wait(slot_);
  result.tensor = result.tensor.resolve_neg().contiguous();
  return result.tensor.is_cpu() ? AnswerFromHost(std::move(result), *type)
                                : AnswerFromDevice(result, *type);
}

absl::StatusOr<NamedTensor> TorchRun::AnswerFromHost(TorchResult result,
                                                     DataType type) const {
  at::Tensor& tensor = result.tensor;
  if (plan_.writes_to_itself || instance_.Holds(tensor)) {
    tensor = tensor.clone();
  }
  const void* data = tensor.const_data_ptr();
  const size_t size = tensor.nbytes();
  Shape shape(tensor.sizes().begin(), tensor.sizes().end());
  WEIR_ASSIGN_OR_RETURN(
      Tensor view,
      Tensor::View(type, std::move(shape), MemoryKind::kHost, {{data, size}},
                   std::make_shared<at::Tensor>(std::move(tensor))));
  return NamedTensor{std::move(result.name), std::move(view)};
}

absl::StatusOr<NamedTensor> TorchRun::AnswerFromDevice(
    const TorchResult& result, DataType type) {
  const at::Tensor& tensor = result.tensor;
  TorchStaging& staging = plan_.device.staging();
  const size_t size = tensor.nbytes();
  std::shared_ptr<std::byte> block =
      staging.Take(size, {slot_.index(), StagingUse::kOutput});
  staged_.push_back(block);
  if (size > 0) {
    at::from_blob(block.get(), tensor.sizes(),
                  at::TensorOptions().dtype(tensor.scalar_type()))
        .copy_(tensor, staging.pins());
  }
  const std::byte* data = block.get();
  WEIR_ASSIGN_OR_RETURN(
      Tensor view,
      Tensor::View(type, {tensor.sizes().begin(), tensor.sizes().end()},
                   staging.pins() ? MemoryKind::kPinned : MemoryKind::kHost,
                   {{data, size}}, std::move(block)));
  return NamedTensor{result.name, std::move(view)};
}

}  // namespace weir
