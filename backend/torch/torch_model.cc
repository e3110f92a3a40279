#include "backend/torch/torch_model.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "ATen/Functions.h"
#include "ATen/Parallel.h"
#include "absl/strings/str_cat.h"
#include "backend/torch/torch_datatype.h"
#include "backend/torch/torch_error.h"
#include "c10/core/InferenceMode.h"
#include "c10/util/Exception.h"
#include "config/status_macros.h"
#include "sync/check.h"
#include "torch/csrc/jit/runtime/graph_executor.h"

namespace weir {
namespace {

using Sizes = std::vector<int64_t>;

// Attributes may nest (a list in a dictionary in a module); none does as deep.
constexpr int kDepthMax = 64;

// How much one wait counts against those before it: 1 / 2^kUsualShift.
constexpr int kUsualShift = 3;

// Calls `visitor` with each tensor that an attribute holds.
template <typename Visitor>
void ForEachTensor(const c10::IValue& value, int depth,
                   const Visitor& visitor) {
  if (depth > kDepthMax) return;
  if (value.isTensor()) {
    visitor(value.toTensor());
  } else if (value.isObject()) {
    for (const c10::IValue& slot : value.toObjectRef().slots()) {
      ForEachTensor(slot, depth + 1, visitor);
    }
  } else if (value.isTuple()) {
    for (const c10::IValue& element : value.toTupleRef().elements()) {
      ForEachTensor(element, depth + 1, visitor);
    }
  } else if (value.isList()) {
    for (const c10::IValue& element : value.toListRef()) {
      ForEachTensor(element, depth + 1, visitor);
    }
  } else if (value.isGenericDict()) {
    for (const auto& entry : value.toGenericDict()) {
      ForEachTensor(entry.value(), depth + 1, visitor);
    }
  }
}

const void* StorageOf(const at::Tensor& tensor) {
  return tensor.defined() && tensor.has_storage()
             ? tensor.storage().unsafeGetStorageImpl()
             : nullptr;
}

// libtorch warns on standard error, some of it at every run, and a backend does
// not log.
class SilentWarnings final : public c10::WarningHandler {
 public:
  void process(const c10::Warning&) override {}
};

// Keeps libtorch silent on this thread for a scope.
class Silence {
 public:
  Silence() : guard_(&handler_) {}

 private:
  SilentWarnings handler_;
  c10::WarningUtils::WarningHandlerGuard guard_;
};

// Libraries keep these for each thread; a worker thread comes here first.
void PrepareThread() {
  thread_local const bool is_prepared = [] {
    at::init_num_threads();
    return true;
  }();
  (void)is_prepared;
}

// Whether the weights or the declared inputs are FP64.
bool NeedsFp64(const TorchModelFile& file) {
  bool needs = false;
  ForEachTensor(file.module._ivalue(), 0, [&](const at::Tensor& tensor) {
    needs |= tensor.defined() && tensor.scalar_type() == at::kDouble;
  });
  for (const TensorSpec& input : file.signature.inputs) {
    needs |= input.type == DataType::kFp64;
  }
  return needs;
}

// The first device in the graph that is another one.
std::string OtherDevice(const TorchGraph& graph, const TorchDevice& device) {
  for (const std::string& name : graph.devices) {
    const c10::Device fixed(name);
    const bool is_same =
        fixed.type() == device.torch_device().type() &&
        (!fixed.has_index() || fixed.index() == device.torch_device().index() ||
         fixed.is_cpu());
    if (!is_same) return name;
  }
  return "";
}

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

// One run, and what must live until its slot's queue is empty.
struct TorchModel::Call {
  const TorchSlot& slot;
  const BatchInputs& inputs;
  Instance& instance;
  RunStats stats = {};
  std::vector<std::shared_ptr<std::byte>> staged = {};
};

TorchModel::TorchModel(TorchDevice& device, const TorchModelFile& file,
                       Clock& clock)
    : device_(device),
      clock_(clock),
      name_(file.name),
      signature_(file.signature),
      output_names_(file.output_names),
      arguments_(file.arguments),
      writes_to_inputs_(file.graph.writes_to_inputs),
      writes_to_itself_(file.graph.writes_to_itself),
      fixed_device_(OtherDevice(file.graph, device)) {}

absl::StatusOr<std::unique_ptr<Model>> TorchModel::Load(
    TorchDevice& device, const TorchSlot& slot, const TorchModelFile& file,
    Clock& clock) {
  if (!device.is_host() && file.graph.forks) {
    return absl::FailedPreconditionError(absl::StrCat(
        "model \"", file.name,
        "\": uses torch.jit.fork, whose work would leave its slot's stream on ",
        device.name(), ". Export it without, or set device: cpu"));
  }
  if (!device.has_fp64() && NeedsFp64(file)) {
    return absl::FailedPreconditionError(NoFp64(file.name, device.name()));
  }
  const Silence silence;
  const c10::InferenceMode inference;
  const SlotBinding binding(slot);
  std::unique_ptr<TorchModel> model(new TorchModel(device, file, clock));
  const int num_instances = file.has_copy_per_slot ? device.num_slots() : 1;
  absl::Status status;
  try {
    for (int i = 0; i < num_instances; ++i) model->AddInstance(file);
    device.Wait(slot);
  } catch (const std::exception& error) {
    status = StatusOf(error, {.model = file.name, .device = device.name()});
  }
  if (status.ok()) return model;
  model->instances_.clear();
  (void)device.FindFault(slot);  // empties the queue
  return absl::FailedPreconditionError(status.message());
}

void TorchModel::AddInstance(const TorchModelFile& file) {
  // Weights that nothing writes to are shared by all who run them on the CPU.
  const bool shares = device_.is_host() && !writes_to_itself_;
  // Told its own device, deepcopy copies nothing.
  const auto elsewhere = device_.is_host()
                             ? std::nullopt
                             : std::make_optional(device_.torch_device());
  torch::jit::Module module =
      shares ? file.module : file.module.deepcopy(elsewhere);
  auto instance = std::make_unique<Instance>(
      Instance{module, module.get_method("forward"), {}});
  ForEachTensor(module._ivalue(), 0, [&](const at::Tensor& tensor) {
    if (const void* storage = StorageOf(tensor)) {
      instance->storages.insert(storage);
    }
  });
  instances_.push_back(std::move(instance));
}

void TorchModel::Free(SlotLease& lease) {
  const TorchSlot& slot = TorchSlot::Of(lease);
  try {
    const SlotBinding binding(slot);
    instances_.clear();
  } catch (const std::exception&) {
    // The device is beyond use; the pool hears of it from the next run.
  }
  (void)device_.FindFault(slot);
}

RunResult TorchModel::DoRun(SlotLease& lease, const BatchInputs& inputs,
                            const RunContext& context) {
  WEIR_CHECK(!instances_.empty(), "a model is not run after it was freed");
  const TorchSlot& slot = TorchSlot::Of(lease);
  const size_t instance =
      instances_.size() == 1 ? 0 : static_cast<size_t>(slot.index());
  Call call{slot, inputs, *instances_.at(instance)};
  RunResult result{Outputs{}, {}, std::nullopt};
  absl::Status status = Check(inputs);
  if (context.stop != nullptr && context.stop->load()) {
    status = absl::CancelledError("nobody waits for the answer");
  }
  if (!status.ok()) {
    result.outputs = std::move(status);
  } else {
    try {
      result.outputs = RunOnSlot(call);
    } catch (const std::exception& error) {
      result.outputs =
          StatusOf(error, {.model = name_,
                           .device = device_.name(),
                           .fixed_device = fixed_device_,
                           .is_alone = inputs.requests.size() == 1});
    }
    if (!result.outputs.ok()) result.fault = device_.FindFault(slot);
  }
  result.stats = call.stats;
  result.stats.rows = inputs.rows;
  result.stats.failed = !result.outputs.ok();
  return result;
}

absl::Status TorchModel::Check(const BatchInputs& inputs) const {
  WEIR_RETURN_IF_ERROR(CheckBatchInputs(signature_, inputs));
  for (const NamedTensor& input : inputs.requests[0]) {
    const DataType type = input.tensor.type();
    if (!ScalarTypeOf(type).has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input \"", input.name, "\": ", std::string(Facts(type).name),
          " is nothing that a TorchScript model takes"));
    }
    if (type == DataType::kFp64 && !device_.has_fp64()) {
      return absl::InvalidArgumentError(
          absl::StrCat("input \"", input.name, "\": ", device_.name(),
                       " has no FP64; send FP32"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Outputs> TorchModel::RunOnSlot(Call& call) {
  PrepareThread();
  const Silence silence;
  const c10::InferenceMode inference;
  const torch::jit::GraphOptimizerEnabledGuard optimizes(true);
  const SlotBinding binding(call.slot);
  const TimePoint begin = clock_.Now();
  std::vector<at::Tensor> tensors;
  tensors.reserve(call.inputs.requests[0].size());
  for (size_t i = 0; i < call.inputs.requests[0].size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(at::Tensor tensor, Gather(call, i));
    tensors.push_back(std::move(tensor));
  }
  const TimePoint gathered = clock_.Now();
  call.stats.gather = gathered - begin;
  WEIR_ASSIGN_OR_RETURN(std::vector<TorchResult> results,
                        Forward(call, tensors));
  tensors.clear();
  absl::StatusOr<Outputs> outputs = Answer(call, std::move(results));
  call.stats.run = clock_.Now() - gathered;
  return outputs;
}

absl::StatusOr<at::Tensor> TorchModel::Gather(Call& call, size_t input) const {
  return device_.is_host() ? GatherOnHost(call, input)
                           : GatherOnDevice(call, input);
}

at::Tensor TorchModel::GatherOnHost(const Call& call, size_t input) const {
  const Tensor& first = call.inputs.requests[0][input].tensor;
  const Sizes sizes = GatheredSizes(call.inputs, input);
  const at::ScalarType type = *ScalarTypeOf(first.type());
  const void* data = first.contiguous();
  if (call.inputs.requests.size() == 1 && data != nullptr &&
      !writes_to_inputs_) {
    return ViewOf(first, data, sizes, type);
  }
  at::Tensor gathered = at::empty(sizes, at::TensorOptions().dtype(type));
  CopyAll(call.inputs, input,
          static_cast<std::byte*>(gathered.mutable_data_ptr()));
  return gathered;
}

at::Tensor TorchModel::GatherOnDevice(Call& call, size_t input) const {
  const Sizes sizes = GatheredSizes(call.inputs, input);
  const at::ScalarType type =
      *ScalarTypeOf(call.inputs.requests[0][input].tensor.type());
  const auto options = at::TensorOptions().dtype(type);
  at::Tensor gathered =
      at::empty(sizes, options.device(device_.torch_device()));
  if (gathered.nbytes() == 0) return gathered;
  TorchStaging& staging = device_.staging();
  const Tensor& first = call.inputs.requests[0][input].tensor;
  if (call.inputs.requests.size() == 1 && first.contiguous() != nullptr &&
      first.memory() == MemoryKind::kPinned) {
    gathered.copy_(ViewOf(first, first.contiguous(), sizes, type),
                   staging.pins());
    return gathered;
  }
  call.staged.push_back(staging.Take(gathered.nbytes()));
  std::byte* block = call.staged.back().get();
  CopyAll(call.inputs, input, block);
  gathered.copy_(at::from_blob(block, sizes, options), staging.pins());
  return gathered;
}

absl::StatusOr<std::vector<TorchResult>> TorchModel::Forward(
    Call& call, const std::vector<at::Tensor>& tensors) const {
  if (arguments_.has_value()) {
    return TensorsOf(call.instance.forward(arguments_->Bind(tensors)),
                     output_names_);
  }
  std::vector<std::string> names;
  for (const NamedTensor& input : call.inputs.requests[0]) {
    names.push_back(input.name);
  }
  WEIR_ASSIGN_OR_RETURN(
      const TorchArguments arguments,
      TorchArguments::Match(call.instance.forward.function().getSchema(),
                            names));
  return TensorsOf(call.instance.forward(arguments.Bind(tensors)),
                   output_names_);
}

absl::StatusOr<Outputs> TorchModel::Answer(Call& call,
                                           std::vector<TorchResult> results) {
  Outputs outputs;
  outputs.reserve(results.size());
  for (TorchResult& result : results) {
    WEIR_ASSIGN_OR_RETURN(NamedTensor output,
                          AnswerOne(call, std::move(result)));
    outputs.push_back(std::move(output));
  }
  Wait(call);
  return outputs;
}

absl::StatusOr<NamedTensor> TorchModel::AnswerOne(Call& call,
                                                  TorchResult result) const {
  const auto type = result.tensor.defined()
                        ? DataTypeOf(result.tensor.scalar_type())
                        : std::nullopt;
  if (!type.has_value() || result.tensor.layout() != at::kStrided) {
    return absl::InternalError(
        absl::StrCat("model \"", name_, "\": output \"", result.name,
                     "\" is nothing that the protocol has a datatype for"));
  }
  at::Tensor dense = result.tensor.resolve_neg().contiguous();
  Shape shape(dense.sizes().begin(), dense.sizes().end());
  const size_t size = dense.nbytes();
  if (dense.is_cpu()) {
    const bool is_shared =
        writes_to_itself_ || call.instance.storages.contains(StorageOf(dense));
    if (is_shared) dense = dense.clone();
    const void* data = dense.const_data_ptr();
    WEIR_ASSIGN_OR_RETURN(
        Tensor tensor,
        Tensor::View(*type, std::move(shape), MemoryKind::kHost, {{data, size}},
                     std::make_shared<at::Tensor>(std::move(dense))));
    return NamedTensor{std::move(result.name), std::move(tensor)};
  }
  TorchStaging& staging = device_.staging();
  std::shared_ptr<std::byte> block = staging.Take(size);
  call.staged.push_back(block);
  if (size > 0) {
    at::from_blob(block.get(), dense.sizes(),
                  at::TensorOptions().dtype(dense.scalar_type()))
        .copy_(dense, staging.pins());
  }
  const std::byte* data = block.get();
  WEIR_ASSIGN_OR_RETURN(
      Tensor tensor,
      Tensor::View(*type, std::move(shape),
                   staging.pins() ? MemoryKind::kPinned : MemoryKind::kHost,
                   {{data, size}}, std::move(block)));
  return NamedTensor{std::move(result.name), std::move(tensor)};
}

void TorchModel::Wait(Call& call) {
  if (device_.is_host()) return;
  const int64_t usual = usual_wait_.load(std::memory_order_relaxed);
  const TimePoint begin = clock_.Now();
  device_.Wait(call.slot, Duration(usual));
  const int64_t took = (clock_.Now() - begin).count();
  const int64_t next =
      usual == 0 ? took : usual + ((took - usual) >> kUsualShift);
  usual_wait_.store(next, std::memory_order_relaxed);
}

}  // namespace weir
